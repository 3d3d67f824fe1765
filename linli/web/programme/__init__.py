"""A programme and what it found, as the public and its officers read them."""
