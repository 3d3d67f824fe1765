"""The Django app of the pages."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """No tables of the domain; declares its jobs when the site starts."""

    name = "linli.web"
    label = "web"

    def ready(self) -> None:
        from linli.web import jobs  # noqa: F401
