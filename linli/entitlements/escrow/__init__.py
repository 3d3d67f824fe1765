"""Other people's money held between two rights: who has agreed, what was paid in, what was registered, to whom it goes out."""
