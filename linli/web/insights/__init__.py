"""The city's figures in words, each with the rows behind it."""
