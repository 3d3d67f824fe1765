"""The city of award_fixtures for every file here."""

from award_fixtures import built, city, state

__all__ = ["built", "city", "state"]
