"""What a draw consists of, stage by stage: the plan with its commitments, the frozen list, what was revealed, the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from linli.sampling.rates import Findings, Step
from linli.sampling.refusals import refused

FORMAT = "linli-draw.1"


class Words(NamedTuple):
    """What is shown to readers, in both languages."""

    zh: str
    en: str

    def document(self) -> dict[str, Any]:
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Commitment:
    """A department's published promise of a secret. length: of the secret, in bytes; digest: "sha256:…" or "sm3:…"; at: when published."""

    department: str
    salt: bytes
    length: int
    digest: str
    at: datetime

    def document(self) -> dict[str, Any]:
        body = {"department": self.department, "salt": self.salt.hex(), "length": self.length}
        return body | {"digest": self.digest, "at": said(self.at)}


@dataclass(frozen=True, slots=True)
class Balls:
    """Numbers of one kind in a public draw, each from `low` to `high`. distinct: none comes twice, and they are told in rising order."""

    numbers: int
    low: int
    high: int
    distinct: bool

    def document(self) -> dict[str, Any]:
        return {"numbers": self.numbers, "low": self.low, "high": self.high, "distinct": self.distinct}


@dataclass(frozen=True, slots=True)
class PublicDraw:
    """A draw that others hold in public on a stated later day (in Shanghai), named before the list is frozen."""

    name: Words
    on: date
    groups: tuple[Balls, ...]

    def document(self) -> dict[str, Any]:
        return {"name": self.name.document(), "on": str(self.on), "groups": [group.document() for group in self.groups]}


@dataclass(frozen=True, slots=True)
class Raised:
    """Why a stratum's rate is what it is: the rate before, what was found at it, and the programme's schedule."""

    rate_before: Fraction
    findings: Findings
    schedule: tuple[Step, ...]

    def document(self) -> dict[str, Any]:
        schedule = [{"share": pair(step.share), "rate": pair(step.rate)} for step in self.schedule]
        found = {"checked": self.findings.checked, "faulty": self.findings.faulty}
        return {"rate_before": pair(self.rate_before), **found, "schedule": schedule}


@dataclass(frozen=True, slots=True)
class Size:
    """How many of a stratum's items are drawn, of those no condition draws anyway: by rate or by count. raised: with a rate only."""

    rate: Fraction | None = None
    count: int | None = None
    raised: Raised | None = None

    def document(self) -> dict[str, Any]:
        rate = None if self.rate is None else pair(self.rate)
        return {"rate": rate, "count": self.count, "raised": self.raised and self.raised.document()}


@dataclass(frozen=True, slots=True)
class CrossReview:
    """Who reviews whom: the counties of the cycle, and whether they review the drawn files or all."""

    counties: tuple[str, ...]
    files: Literal["drawn", "all"] = "drawn"

    def document(self) -> dict[str, Any]:
        return {"counties": list(self.counties), "files": self.files}


@dataclass(frozen=True, slots=True)
class Replaced:
    """An earlier draw that this one is held instead of, and why: who breaks one off is seen."""

    draw: str
    reason: Words

    def document(self) -> dict[str, Any]:
        return {"draw": self.draw, "reason": self.reason.document()}


@dataclass(frozen=True, slots=True)
class Item:
    """One file of the list: a receipt number or opaque id. reasons: codes of the conditions that draw it in any case."""

    id: str
    stratum: str
    county: str | None = None
    reasons: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        return {"id": self.id, "stratum": self.stratum, "county": self.county, "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is settled before the list is frozen. strata, conditions: by code. reveal_by: the last moment for secrets."""

    draw: str
    title: Words
    algorithm: str
    commitments: tuple[Commitment, ...]
    reveal_by: datetime
    strata: Mapping[str, Size]
    conditions: Mapping[str, Words] = field(default_factory=dict)
    public_draw: PublicDraw | None = None
    cross_review: CrossReview | None = None
    replaces: Replaced | None = None

    def document(self) -> dict[str, Any]:
        return {
            "draw": self.draw,
            "title": self.title.document(),
            "algorithm": self.algorithm,
            "replaces": self.replaces and self.replaces.document(),
            "commitments": [one.document() for one in self.commitments],
            "public_draw": self.public_draw and self.public_draw.document(),
            "reveal_by": said(self.reveal_by),
            "strata": {code: one.document() for code, one in self.strata.items()},
            "conditions": {code: words.document() for code, words in self.conditions.items()},
            "cross_review": self.cross_review and self.cross_review.document(),
        }


@dataclass(frozen=True, slots=True)
class Frozen:
    """A plan with its list, closed at `at`. digest: the one that is published then; it covers plan, commitments, list and `at`."""

    plan: Plan
    items: tuple[Item, ...]
    at: datetime
    digest: str

    def body(self) -> dict[str, Any]:
        """What the digest is taken over."""
        return {**self.plan.document(), "items": [item.document() for item in self.items], "at": said(self.at)}


@dataclass(frozen=True, slots=True)
class Reveal:
    """A department's secret, published at `at`."""

    department: str
    secret: bytes
    at: datetime

    def document(self) -> dict[str, Any]:
        return {"department": self.department, "secret": self.secret.hex(), "at": said(self.at)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a public draw brought, group by group, written down at `at`."""

    numbers: tuple[tuple[int, ...], ...]
    at: datetime

    def document(self) -> dict[str, Any]:
        return {"numbers": [list(group) for group in self.numbers], "at": said(self.at)}


@dataclass(frozen=True, slots=True)
class Result:
    """What came out. by_condition: ids in order; drawn: by stratum, first drawn first; cycle: each reviews the one before it;
    assignments: id -> the county that reviews it. The last two are None without a cross review."""

    seed: str
    by_condition: tuple[str, ...]
    drawn: Mapping[str, tuple[str, ...]]
    cycle: tuple[str, ...] | None = None
    assignments: Mapping[str, str] | None = None

    def document(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "by_condition": list(self.by_condition),
            "drawn": {code: list(ids) for code, ids in self.drawn.items()},
            "cycle": None if self.cycle is None else list(self.cycle),
            "assignments": None if self.assignments is None else dict(self.assignments),
        }


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw file at any stage after freezing; without a result it hasn't been drawn yet."""

    frozen: Frozen
    reveals: tuple[Reveal, ...] = ()
    outcome: Outcome | None = None
    result: Result | None = None

    def document(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "frozen": self.frozen.body(),
            "digest": self.frozen.digest,
            "reveals": [one.document() for one in self.reveals],
            "outcome": self.outcome and self.outcome.document(),
            "result": self.result and self.result.document(),
        }


def whole(moment: datetime) -> datetime:
    """The instant in UTC without its fraction of a second, as files hold it."""
    if moment.tzinfo is None:
        said = ("时间缺少时区", "A time lacks its zone.")
        raise refused("naive_time", "at", said, found=str(moment), remedy=("用 linli.kernel.clock", "use linli.kernel.clock"))
    return moment.astimezone(UTC).replace(microsecond=0)


def said(moment: datetime) -> str:
    """An instant as the file writes it: 2026-11-22T08:00:00Z."""
    return f"{whole(moment).replace(tzinfo=None).isoformat()}Z"


def pair(share: Fraction) -> list[int]:
    """An exact share as the file writes it."""
    return [share.numerator, share.denominator]
