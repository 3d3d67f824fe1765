"""Departments' lists as an officer delivers them: which are due, the steps of one file, deliveries, rows left to a human."""
