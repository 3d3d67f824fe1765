"""gunicorn's own messages in the same lines as ours."""

from __future__ import annotations

import logging

from django.conf import settings
from gunicorn.config import Config
from gunicorn.glogging import Logger

from linli.site.logs import JsonLines, TextLines


class ServerLog(Logger):  # type: ignore[misc]
    """Its messages may quote a request line that could not be read: our formatter cuts such values away."""

    def setup(self, cfg: Config) -> None:
        """gunicorn's handlers, our lines."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(lines())


def lines() -> logging.Formatter:
    """The form that LINLI_LOG asks for."""
    return JsonLines() if settings.LINLI_LOG == "json" else TextLines()
