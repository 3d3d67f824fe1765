"""What a review refuses, in words."""

from __future__ import annotations

from functools import partial

from linli.kernel import errors

refusal = partial(errors.refusal, "entitlements.review_")
