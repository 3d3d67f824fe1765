"""What every page has: the city and its counties, the reader's choices, the navigation, addresses of files, texts with numbers."""
