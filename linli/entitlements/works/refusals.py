"""What works refuse, in words."""

from __future__ import annotations

from functools import partial

from linli.kernel.errors import refusal

refused = partial(refusal, "works.")
