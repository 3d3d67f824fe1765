"""Commitments to secrets: what a department publishes before the list is frozen, and what it must reveal afterwards.

digest = H("linli-draw-commitment.1" newline canonical {department, draw, length, salt, secret}): bound to the draw and the department,
so that nobody can repeat another's commitment and later its secret.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

from linli.kernel.digests import default_algorithm
from linli.kernel.errors import LinliError
from linli.sampling.forms import Commitment, Frozen, Reveal, said, whole
from linli.sampling.hashing import COMMITMENT, named_digest, require
from linli.sampling.refusals import refused
from linli.sampling.spots import Spot

SHORTEST = 32
SOURCES = 2
"""Of the seed, at least: whoever holds the only one could steer."""
FEWEST_DIFFERENT = 12
"""Of 32 random bytes fewer than 12 are different once in 10^25 times; of a word or a date nearly always."""
_AGAIN = ("这次抽取作废：另立一次抽取并写明原因", "this draw is void: begin another that says why")


def new_secret() -> bytes:
    """A secret of 32 random bytes. The department keeps it to itself until the list is frozen."""
    return secrets.token_bytes(SHORTEST)


def commit(
    *, draw: str, department: str, secret: bytes, at: datetime, algorithm: str | None = None, salt: bytes | None = None
) -> Commitment:
    """The commitment to publish. The secret has 32 to 128 bytes; the salt is made here unless one is given; at: when it is published."""
    hashed, used = require(algorithm or default_algorithm()), salt or secrets.token_bytes(16)
    for name, value in (("draw", draw), ("department", department)):
        Spot(value, Spot(None), name).code()
    _check_secret(secret, "secret")
    return Commitment(department, used, len(secret), _digest(draw, department, used, secret, hashed), whole(at))


def check_commitments(frozen: Frozen) -> None:
    """Refuses a draw that one party alone could steer: fewer than two sources, a department twice, a short secret, a late commitment."""
    plan = frozen.plan
    if len(plan.commitments) + (plan.public_draw is not None) < SOURCES:
        raise refused(
            "one_source",
            "frozen.commitments",
            ("随机种子只有一个来源，掌握它的人可以左右结果", "The seed has one source only: whoever holds it could steer the draw."),
            expected=("两个部门的承诺，或一个部门的承诺加一次公开摇号", "commitments of two departments, or of one and a public draw"),
            found=str(len(plan.commitments)),
            remedy=("请另一个部门公布承诺，或指定一次公开摇号", "ask another department for a commitment, or name a public draw"),
        )
    departments: set[str] = set()
    for index, one in enumerate(plan.commitments):
        field = f"frozen.commitments[{index}]"
        if one.department.lower() in departments:
            raise _twice(f"{field}.department", one.department)
        departments.add(one.department.lower())
        if one.length < SHORTEST:
            raise _short(f"{field}.length", one.length)
        if one.at >= frozen.at:
            raise refused(
                "late_commitment",
                f"{field}.at",
                ("承诺晚于名单冻结", "A commitment was made after the list was frozen."),
                expected=(f"早于 {said(frozen.at)}", f"before {said(frozen.at)}"),
                found=said(one.at),
                remedy=("先公布承诺，再冻结名单；" + _AGAIN[0], "first the commitments, then the list; " + _AGAIN[1]),
            )
    if plan.reveal_by <= frozen.at:
        raise refused(
            "reveal_by",
            "frozen.reveal_by",
            ("公布秘密的期限应在名单冻结之后", "Secrets are revealed after the list is frozen: the last moment for it lies later."),
            expected=(f"晚于 {said(frozen.at)}", f"after {said(frozen.at)}"),
            found=said(plan.reveal_by),
            remedy=("改期限后再冻结", "move it before you freeze"),
        )


def check_reveals(frozen: Frozen, reveals: Sequence[Reveal], *, complete: bool = True) -> None:
    """Refuses a reveal that is early, late, repeated, from nobody who committed, or other than what was committed to; and, if they are to
    be complete, one that is missing."""
    committed = {one.department: one for one in frozen.plan.commitments}
    seen: dict[str, bytes] = {}
    for index, reveal in enumerate(reveals):
        field = f"reveals[{index}]"
        if reveal.department in seen:
            raise _twice(f"{field}.department", reveal.department)
        if reveal.department not in committed:
            raise _stranger(field, reveal.department, list(committed))
        _check_moment(frozen, reveal, field)
        _check_fits(frozen, committed[reveal.department], reveal, field)
        if reveal.secret in seen.values():
            raise _same_secret(field)
        seen[reveal.department] = reveal.secret
    missing = [department for department in committed if department not in seen]
    if missing and complete:
        raise refused(
            "not_revealed",
            "reveals",
            ("还有部门没有公布秘密", "A department has not revealed its secret."),
            found=", ".join(missing),
            remedy=(
                f"在 {said(frozen.plan.reveal_by)} 前公布；过期则{_AGAIN[0]}",
                f"reveal it by {said(frozen.plan.reveal_by)}; later {_AGAIN[1]}",
            ),
        )


def _digest(draw: str, department: str, salt: bytes, secret: bytes, algorithm: str) -> str:
    body = {"draw": draw, "department": department, "salt": salt.hex(), "length": len(secret), "secret": secret.hex()}
    return named_digest(COMMITMENT, body, algorithm)


def _check_secret(secret: bytes, field: str) -> None:
    if len(secret) < SHORTEST:
        raise _short(field, len(secret))
    if len(set(secret)) < FEWEST_DIFFERENT:
        raise refused(
            "guessable",
            field,
            ("秘密太有规律，别人猜得到", "The secret is so regular that it can be guessed."),
            expected=(f"至少 {FEWEST_DIFFERENT} 个不同的字节", f"at least {FEWEST_DIFFERENT} different bytes"),
            found=str(len(set(secret))),
            remedy=("用 linli draw commit 生成", "have linli draw commit make it"),
        )


def _check_moment(frozen: Frozen, reveal: Reveal, field: str) -> None:
    if not frozen.at < reveal.at <= frozen.plan.reveal_by:
        after, until = said(frozen.at), said(frozen.plan.reveal_by)
        raise refused(
            "reveal_time",
            f"{field}.at",
            ("公布秘密的时间不对", "The secret was revealed at the wrong time."),
            expected=(f"{after} 之后，不晚于 {until}", f"after {after}, by {until}"),
            found=said(reveal.at),
            remedy=_AGAIN,
        )


def _check_fits(frozen: Frozen, commitment: Commitment, reveal: Reveal, field: str) -> None:
    _check_secret(reveal.secret, f"{field}.secret")
    plan = frozen.plan
    digest = _digest(plan.draw, reveal.department, commitment.salt, reveal.secret, plan.algorithm)
    if len(reveal.secret) != commitment.length or not hmac.compare_digest(digest, commitment.digest):
        raise refused(
            "mismatch",
            f"{field}.secret",
            ("公布的秘密与承诺不符", "The revealed secret is not the one that was committed to."),
            expected=f"{commitment.digest} ({commitment.length})",
            found=f"{digest} ({len(reveal.secret)})",
            remedy=("公布当时承诺的秘密；交不出则" + _AGAIN[0], "reveal the secret of the commitment; if it is lost, " + _AGAIN[1]),
        )


def _short(field: str, length: int) -> LinliError:
    return refused(
        "short_secret",
        field,
        ("秘密太短，别人可以逐个试出来", "The secret is so short that others could try them all."),
        expected=(f"至少 {SHORTEST} 字节", f"at least {SHORTEST} bytes"),
        found=str(length),
        remedy=("用 linli draw commit 生成", "have linli draw commit make it"),
    )


def _twice(field: str, department: str) -> LinliError:
    return refused(
        "department_twice",
        field,
        ("同一部门出现两次", "The same department stands twice."),
        expected=("互不相同的部门", "departments that are different"),
        found=department,
        remedy=("请另一个部门参加", "ask another department to take part"),
    )


def _stranger(field: str, department: str, committed: list[str]) -> LinliError:
    return refused(
        "stranger",
        f"{field}.department",
        ("公布秘密的部门没有作过承诺", "This department made no commitment."),
        expected=", ".join(committed),
        found=department,
        remedy=("只收作过承诺的部门的秘密", "take secrets of those who committed only"),
    )


def _same_secret(field: str) -> LinliError:
    return refused(
        "same_secret",
        f"{field}.secret",
        ("两个部门的秘密相同，说明并非各自保管", "Two departments reveal the same secret: they did not keep theirs apart."),
        expected=("各自的秘密", "a secret of its own"),
        remedy=_AGAIN,
    )
