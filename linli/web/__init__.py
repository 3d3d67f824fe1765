"""Pages: the public site and the officers' portal. A view parses, calls one act or query, renders."""
