"""An application and its case in words, for every portal."""
