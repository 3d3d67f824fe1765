"""What a route may answer: its own shape, or a problem."""

from __future__ import annotations

from typing import Any

from linli.api.shapes import Problem

REFUSED = frozenset({400, 401, 403, 404, 405, 413, 422, 429})


def answers(shape: Any, status: int = 200) -> dict[Any, Any]:
    """The answers of a route, for the schema."""
    return {status: shape, REFUSED: Problem}
