"""Calls at people's doors: who is due, how many a day, what was found there, and what happens to a call that nobody made."""
