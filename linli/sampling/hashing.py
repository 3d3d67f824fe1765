"""Digests and keyed order: one algorithm for a whole draw, every use of it under a name of its own."""

from __future__ import annotations

import hmac
from typing import Any

from linli.kernel.digests import ALGORITHMS, canonical, digest, hasher
from linli.sampling.refusals import refused

LIST, COMMITMENT, SEED = "linli-draw-list.1", "linli-draw-commitment.1", "linli-draw-seed.1"
ORDER, CYCLE = "linli-draw-order.1", "linli-draw-cycle.1"


def require(algorithm: str) -> str:
    """The algorithm itself, if this machine can compute it; SM3 needs an OpenSSL that has it."""
    try:
        hasher(algorithm)
    except ValueError:
        raise refused(
            "algorithm",
            "frozen.algorithm",
            ("本机无法计算这种摘要", "This machine cannot compute that digest."),
            expected=" / ".join(ALGORITHMS),
            found=repr(algorithm),
            remedy=(
                "换一台装有 OpenSSL 1.1.1 以上版本的机器，或选用 sha256",
                "use a machine with OpenSSL 1.1.1 or newer, or choose sha256",
            ),
        ) from None
    return algorithm


def named_digest(purpose: str, value: Any, algorithm: str) -> str:
    """'algorithm:hex' over the purpose, a newline and the value's canonical JSON: a digest for one purpose fits no other."""
    return digest(purpose.encode() + b"\n" + canonical(value), algorithm)


def order_key(seed: str, *parts: str) -> bytes:
    """HMAC under the seed's 32 bytes over the parts (purpose first), joined by newlines, which no code contains."""
    algorithm, _, key = seed.partition(":")
    return hmac.digest(bytes.fromhex(key), "\n".join(parts).encode("ascii"), algorithm)
