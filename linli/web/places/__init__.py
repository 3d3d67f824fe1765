"""The city, its counties, and where a window is."""
