"""How somebody gets in and stays themself: signing in, two kinds of sessions, the city's identity service, refused attempts."""
