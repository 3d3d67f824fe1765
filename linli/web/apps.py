"""The Django app of the pages."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """No tables of the domain; only what signing in needs."""

    name = "linli.web"
    label = "web"
