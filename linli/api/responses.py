"""What a route may answer: its own shape, or a problem."""

from __future__ import annotations

from typing import Any

from linli.api.shapes import Problem

REFUSED = (400, 401, 403, 404, 405, 413, 414, 422, 429, 503)


def answers(shape: Any, status: int = 200) -> dict[Any, Any]:
    """The answers of a route, for the schema: a problem stands for every refusal (linli.api.application spreads it)."""
    return {status: shape, REFUSED[0]: Problem}
