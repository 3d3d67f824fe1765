"""The WSGI application that gunicorn serves."""

from __future__ import annotations

import gc
import sys

from linli.site import environment, warming
from linli.site.logs import log_what_nobody_caught

environment.prepare()
log_what_nobody_caught()

# A page waits for the database a dozen times, and after each answer for the interpreter, which a thread that computes keeps for five
# milliseconds unless told otherwise: two pages at once then take longer together than one after the other.
sys.setswitchinterval(0.0005)

from django.core.wsgi import get_wsgi_application  # noqa: E402  (settings need the environment first)

application = get_wsgi_application()
warming.begin()


def _kept(phase: str, info: dict[str, int]) -> None:
    """What is there after a whole look for cycles stays for the life of the process: code, programmes, templates, statements. It isn't gone
    through again; that took a fifth of a second each time, in which no thread answers."""
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()


gc.callbacks.append(_kept)
gc.collect()
