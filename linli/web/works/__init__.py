"""Works on their pages: the list, who signed it, pictures before and after side by side, what papers show, what was accepted."""
