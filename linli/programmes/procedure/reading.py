"""The procedure's parts of a programme file read into values. The file has passed its schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from linli.programmes.procedure import declaration as declare
from linli.rules import Rule, load_rule
from linli.rules.declare import Label
from linli.rules.source import Entry
from linli.rules.tree import MONEY
from linli.rules.values import read_value
from linli.sampling.rates import Step as RaisedRate

PARTS = ("procedure", "verification", "public_notice", "payment", "standing", "objection")
"""Keys of the file that say something of the way from an application to paid; `satisfaction` is a flag beside them."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a programme says of it; every part None where the file is silent."""

    procedure: declare.Procedure | None
    verification: declare.Verification | None
    public_notice: declare.PublicNotice | None
    payment: declare.Payment | None
    standing: declare.Standing | None
    objection: declare.Objection | None
    satisfaction: bool


def read_parts(programme: Entry, key: Rule | None) -> Parts:
    """Every part of a programme file's entry. key: the rule of its key checks."""
    found = {name: programme.get(name) for name in (*PARTS, "satisfaction")}
    bodies = _implementing(programme.value["item"])
    return Parts(
        procedure=_procedure(found["procedure"], bodies) if found["procedure"] else None,
        verification=_verification(found["verification"], key) if found["verification"] else None,
        public_notice=_notice(found["public_notice"]) if found["public_notice"] else None,
        payment=_payment(found["payment"]) if found["payment"] else None,
        standing=_standing(found["standing"]) if found["standing"] else None,
        objection=_objection(found["objection"]) if found["objection"] else None,
        satisfaction=bool(_plain(programme, "satisfaction", False)),
    )


def key_rule(programme: Entry, body: Entry, vocabulary: Mapping[str, Any]) -> Rule | None:
    """The conditions of `verification.key` as a rule over the programme's own figures; None where there are none.

    body: the programme's rule with its empty figures filled. Raises Problems with every fault, at its place in the file.
    """
    verification = programme.get("verification")
    listed = verification.get("key") if verification is not None else None
    if listed is None:
        return None
    kept = ("subject", "as_of", "facts", "parameters", "tables", "scales")
    content = {part: body.value[part] for part in kept if part in body.value} | {"conditions": listed}
    return load_rule(replace(body, value=content), vocabulary, file=body.file, name="key")


def facts_named(programme: Entry) -> frozenset[str]:
    """Facts that the file names outside its rules: what documents show, and what ends a standing award."""
    listed = programme.value["materials"].value
    found = {str(fact.value) for item in listed for fact in _items(item, "gives")}
    standing = programme.get("standing")
    until = standing.get("until") if standing is not None else None
    return frozenset(found | ({str(until.value)} if until is not None else set()))


def rate_of(entry: Entry) -> Fraction:
    """A share written as 5/100."""
    return Fraction(str(entry.value))


def _implementing(item: Entry) -> tuple[str, ...]:
    """The implementing body, then the joint ones."""
    return (str(item.value["body"].value), *(str(one.value) for one in _items(item, "joint_bodies")))


def _procedure(entry: Entry, bodies: tuple[str, ...]) -> declare.Procedure:
    delegated, instant, supplement = entry.get("delegated"), entry.get("instant"), entry.get("supplement")
    return declare.Procedure(
        start=_texts(entry, "start"),
        accept_days=_plain(entry, "accept_days"),
        supplement=_term(supplement) if supplement else None,
        steps=tuple(_step(item, bodies) for item in entry.value["steps"].value),
        late=entry.value["late"].value,
        delegated={step: str(level.value) for step, level in delegated.value.items()} if delegated else {},
        instant=_instant(instant) if instant else None,
    )


def _step(entry: Entry, bodies: tuple[str, ...]) -> declare.Step:
    value = entry.value
    signing = value["kind"].value == "sign"
    return declare.Step(
        id=value["id"].value,
        kind=value["kind"].value,
        label=_label(entry),
        level=_plain(entry, "level", declare.DEFAULT_LEVEL),
        role=_plain(entry, "role", "officer"),
        bodies=(_texts(entry, "bodies") or bodies) if signing else (str(_plain(entry, "body", bodies[0])),),
        days=_plain(entry, "days"),
        officers=_plain(entry, "officers", 1),
    )


def _instant(entry: Entry) -> declare.Instant:
    return declare.Instant(_fen(entry.value["cap"]), entry.value["fresh_days"].value, rate_of(entry.value["sample"]))


def _verification(entry: Entry, key: Rule | None) -> declare.Verification:
    drawn = entry.get("random")
    return declare.Verification(entry.value["every"].value, key, _random(drawn) if drawn else None, _plain(entry, "cross"))


def _random(entry: Entry) -> declare.RandomCheck:
    raises = tuple(RaisedRate(rate_of(item.value["findings"]), rate_of(item.value["rate"])) for item in _items(entry, "raise"))
    return declare.RandomCheck(rate_of(entry.value["rate"]), entry.value["strata"].value, raises)


def _notice(entry: Entry) -> declare.PublicNotice:
    return declare.PublicNotice(_texts(entry, "fields"), _term(entry), entry.value["place"].value, _plain(entry, "online", True))


def _payment(entry: Entry) -> declare.Payment:
    retention, cap = entry.get("retention"), entry.get("slip_cap")
    return declare.Payment(
        funds=_texts(entry, "funds"),
        cycle=entry.value["cycle"].value,
        payees=_texts(entry, "payees"),
        channel=entry.value["channel"].value,
        project_code=_plain(entry, "project_code"),
        levels=tuple(_fen(item) for item in _items(entry, "levels")),
        retention=_retention(retention) if retention else None,
        reckoned=_plain(entry, "reckoned", "rule"),
        slip_cap=_fen(cap) if cap is not None and cap.value is not None else None,
    )


def _retention(entry: Entry) -> declare.Retention:
    value = entry.value
    return declare.Retention(rate_of(value["rate"]), rate_of(value["cap"]), value["days"].value, _label(value["source"]))


def _standing(entry: Entry) -> declare.Standing:
    said = entry.get("conditions")
    return declare.Standing(
        renews=entry.value["renews"].value,
        until=_plain(entry, "until"),
        stops=_texts(entry, "stops"),
        resumes=_texts(entry, "resumes"),
        prorate=entry.value["prorate"].value,
        conditions={stop: str(item.value) for stop, item in said.value.items()} if said is not None else {},
    )


def _objection(entry: Entry) -> declare.Objection:
    review, court = (entry.get(key) for key in ("review", "court"))
    return declare.Objection(_term(entry), _recourse(review) if review else None, _recourse(court) if court else None)


def _recourse(entry: Entry) -> declare.Recourse:
    return declare.Recourse(_label(entry), entry.value["within"].value, entry.value["unit"].value)


def _term(entry: Entry) -> declare.Term:
    return declare.Term(_plain(entry, "days"), entry.value["unit"].value)


def _fen(entry: Entry) -> int:
    return int(read_value(entry, MONEY))  # type: ignore[arg-type]  # money reads as whole fen


def _label(entry: Entry) -> Label:
    return Label(entry.value["zh"].value, entry.value["en"].value)


def _plain(entry: Entry, key: str, otherwise: Any = None) -> Any:
    item = entry.get(key)
    return otherwise if item is None else item.value


def _items(entry: Entry, key: str) -> list[Entry]:
    listed = entry.get(key)
    return list(listed.value) if listed is not None else []


def _texts(entry: Entry, key: str) -> tuple[str, ...]:
    return tuple(str(item.value) for item in _items(entry, key))
