"""Double entry, append-only: integer fen and integer minutes in one book; hold, post, release, reverse; funds with their sources."""
