"""The routes, a file per resource. Each is thin: parse, one act or query, answer."""
