"""What every page has: the reader's choices, the navigation, addresses of files, texts with numbers."""
