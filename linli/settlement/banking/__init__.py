"""Bank files: layouts as data, orders out, outcomes in. No Django: what is paid, to whom and whether it may be, is decided outside."""
