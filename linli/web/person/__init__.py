"""A resident on one screen, in words, and what is still open about them."""
