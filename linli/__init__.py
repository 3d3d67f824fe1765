"""Linli (邻里): the software a city runs its livelihood services on."""

__version__ = "0.1.0"
