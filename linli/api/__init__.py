"""The HTTP API at /api/v1: a route parses, calls one act or query, answers. Tokens, limits, keys and webhooks live here."""
