"""Backup and restore of an installation: the database, the state folder's files, and, sealed on their own, the keys."""
