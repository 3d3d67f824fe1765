"""Funds, payments and money held, in words."""
