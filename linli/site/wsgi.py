"""The WSGI application that gunicorn serves."""

from __future__ import annotations

from linli.site import environment

environment.prepare()

from django.core.wsgi import get_wsgi_application  # noqa: E402  (settings need the environment first)

application = get_wsgi_application()
