"""The parts that only some programme files have, read into values. The file has passed its schema."""

from __future__ import annotations

from linli.programmes.particulars import declaration as declare
from linli.programmes.procedure import Term
from linli.rules.declare import Label
from linli.rules.source import Entry
from linli.rules.tree import MONEY
from linli.rules.values import read_value

PARTS = ("event", "registers", "forward_to", "works", "evidence", "loan", "scores", "escrow")
"""Their keys in the file."""
LOAN_FACTS = ("principal", "begins", "ends", "repaid")


def read_particulars(programme: Entry) -> declare.Particulars:
    """Every part of a programme file's entry."""
    found = {name: programme.get(name) for name in PARTS}
    return declare.Particulars(
        event=_event(found["event"]) if found["event"] else None,
        registers=_registers(found["registers"]) if found["registers"] else None,
        forward_to=_forwarding(found["forward_to"]) if found["forward_to"] else None,
        works=_works(found["works"]) if found["works"] else None,
        evidence=declare.Evidence(_pictures(found["evidence"], "before"), _pictures(found["evidence"], "after"))
        if found["evidence"]
        else None,
        loan=declare.Loan(*(_text(found["loan"], key) for key in LOAN_FACTS)) if found["loan"] else None,
        scores=_scores(found["scores"]) if found["scores"] else None,
        escrow=_escrow(found["escrow"]) if found["escrow"] else None,
    )


def facts_of_particulars(programme: Entry) -> dict[str, Entry]:
    """The facts that these parts name, each with its place in the file."""
    found: dict[str, Entry] = {}
    registers, loan, scores = (programme.get(key) for key in ("registers", "loan", "scores"))
    for item in items(registers, "facts") if registers is not None else ():
        found[str(item.value)] = item
    for key in LOAN_FACTS if loan is not None else ():
        found[_text(loan, key)] = loan.value[key]  # type: ignore[union-attr]  # there is a loan
    for criterion in items(scores, "criteria") if scores is not None else ():
        fact = criterion.get("fact")
        if fact is not None:
            found[str(fact.value)] = fact
    return found


def _event(entry: Entry) -> declare.Event:
    claim = entry.value["claim_within"]
    days = claim.get("days")
    return declare.Event(_label(entry), Term(days.value if days is not None else None, claim.value["unit"].value))


def _registers(entry: Entry) -> declare.Registration:
    return declare.Registration(_text(entry, "list"), tuple(str(item.value) for item in items(entry, "facts")))


def _forwarding(entry: Entry) -> declare.Forwarding:
    outcomes = tuple(declare.Outcome(_text(one, "id"), _label(one), one.value["grants"].value is True) for one in items(entry, "outcomes"))
    return declare.Forwarding(_text(entry, "body"), _label(entry), outcomes)


def _works(entry: Entry) -> declare.Works:
    cap = entry.get("cap")
    fen = int(read_value(cap, MONEY)) if cap is not None else None  # type: ignore[arg-type]  # money reads as whole fen
    return declare.Works(_named(entry, "areas"), tuple(str(item.value) for item in items(entry, "signed_by")), fen)


def _pictures(entry: Entry | None, key: str) -> tuple[declare.Pictures, ...]:
    return tuple(declare.Pictures(_text(one, "id"), _label(one), int(one.value["least"].value)) for one in items(entry, key))


def _scores(entry: Entry) -> declare.Scores:
    return declare.Scores(tuple(_criterion(one) for one in items(entry, "criteria")), tuple(str(one.value) for one in items(entry, "ties")))


def _criterion(entry: Entry) -> declare.Criterion:
    fact = entry.get("fact")
    named = str(fact.value) if fact is not None else None
    return declare.Criterion(_text(entry, "id"), _label(entry), int(entry.value["most"].value), _text(entry, "weight"), named)


def _escrow(entry: Entry) -> declare.Escrow:
    return declare.Escrow(_named(entry, "parties"), *(_text(entry, key) for key in ("consent", "paid_in", "registered", "released")))


def _named(entry: Entry, key: str) -> tuple[declare.Named, ...]:
    return tuple(declare.Named(_text(one, "id"), _label(one)) for one in items(entry, key))


def items(entry: Entry | None, key: str) -> list[Entry]:
    """The entries of a list in the file, none where it isn't there."""
    listed = entry.get(key) if entry is not None else None
    return list(listed.value) if listed is not None else []


def _text(entry: Entry | None, key: str) -> str:
    return str(entry.value[key].value) if entry is not None else ""


def _label(entry: Entry) -> Label:
    return Label(entry.value["zh"].value, entry.value["en"].value)
