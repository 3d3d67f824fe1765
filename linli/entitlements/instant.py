"""Instant approval (秒批): by rule alone, where every condition is true on fresh facts of registers and the amount is under the cap.

It is marked as automatic, a share of them is checked by an officer afterwards, and it is contested like any other decision.
Law: 个人信息保护法 第二十四条 (a decision by rule alone is explained, and may be contested); only favourable ones are made.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Max

from linli.agreements.models import Award
from linli.casework.acts import open_between_offices
from linli.casework.kinds import SPOT_CHECK
from linli.casework.steps import clocks, moving
from linli.entitlements import letters
from linli.entitlements.awarding import award, settle
from linli.entitlements.models import Application
from linli.entitlements.reckoning import Reckoned
from linli.kernel import clock
from linli.kernel.viewer import system
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import DECIDES, Instant, Step
from linli.registers.acts.guards import resident_of
from linli.registers.models import ListImport
from linli.trace import Act

APPROVING = system("entitlements.instant")
OTHERS_ACT = frozenset({"sign", "notice", "appraise", "works", "accept_works"})
"""Kinds of steps that no rule can stand for: other offices, experts, the public or a contractor act in them."""


def approve(a: Act, row: Application, programme: Programme, reckoned: Reckoned) -> bool:
    """Approve at once where nothing is in the way (row.held_up, of held_up()); whether it was. Inside the act that applies; about twenty
    statements."""
    step = deciding_step(programme)
    rule = programme.procedure.instant if programme.procedure else None
    if rule is None or step is None or row.held_up != []:
        return False
    case = row.case
    clocks.start(a, case, programme)
    taken = moving.enter(a, APPROVING, case, programme, step)
    moving.leave_signed(a, APPROVING, case, taken, "granted")
    row.automatic = True
    row.save(update_fields=["automatic"])
    decision = settle(a, row, programme, reckoned, "granted", signers=[], automatic=True)
    letters.decision(a, APPROVING, case, programme, decision, reckoned, row)
    award(a, row, programme, reckoned, last=True)
    moving.close(a, APPROVING, case, "granted")
    if drawn(rule.sample):
        person = resident_of(case.subject_uid)
        open_between_offices(APPROVING, person, case.area_code, SPOT_CHECK, about=case.receipt, programme=programme)
    return True


def deciding_step(programme: Programme) -> Step | None:
    """The step that instant approval stands for, where nothing has to follow it and no step takes others or two officers; else None."""
    steps = programme.procedure.steps if programme.procedure else ()
    if not steps or steps[-1].kind not in DECIDES or any(step.kind in OTHERS_ACT or step.officers > 1 for step in steps):
        return None
    return steps[-1]


def held_up(programme: Programme, reckoned: Reckoned, states: Mapping[str, str]) -> list[dict[str, Any]] | None:
    """Everything that keeps an application from being approved at once, as it is kept with it (BARS says the keys); empty where nothing is
    in the way, None where the programme approves nothing at once. One query."""
    rule = programme.procedure.instant if programme.procedure else None
    if rule is None:
        return None
    return list(_bars(rule, programme, reckoned, states))


BARS = (
    "steps",
    "officers",
    "had_before",
    "not_met",
    "unknown",
    "no_amount",
    "nothing_to_pay",
    "over_cap",
    "to_give",
    "promised",
    "no_register",
    "stale",
)
"""Codes of what is in the way. steps: names are kinds of steps in which others act. officers: a step takes two. had_before: what is
paid once was paid to them once. not_met, unknown: names are conditions. over_cap: fen, of one payment, above cap. to_give, promised:
names are materials. no_register: names are facts that no register says. stale: name of the list that said a fact, day of its newest
delivery (None: none for this area), days: how old it may be."""


def _bars(rule: Instant, programme: Programme, reckoned: Reckoned, states: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    yield from _of_steps(programme)
    if _had_before(programme, reckoned):
        yield {"code": "had_before"}
    yield from _of_verdict(rule, reckoned)
    promised = [name for name, state in states.items() if state == "commitment"]
    wanted = [name for name, state in states.items() if state not in ("commitment", "exempt", "given")]
    for code, names in (("to_give", wanted), ("promised", promised)):
        if names:
            yield {"code": code, "names": names}
    yield from unfresh(reckoned, rule.fresh_days)


def _of_steps(programme: Programme) -> Iterator[dict[str, Any]]:
    steps = programme.procedure.steps if programme.procedure else ()
    two = any(step.officers > 1 for step in steps)
    kinds = list(dict.fromkeys(step.kind for step in steps if step.kind in OTHERS_ACT))
    if kinds or (deciding_step(programme) is None and not two):
        yield {"code": "steps", "names": kinds}
    if two:
        yield {"code": "officers"}


def _of_verdict(rule: Instant, reckoned: Reckoned) -> Iterator[dict[str, Any]]:
    by_state = {False: "not_met", None: "unknown"}
    for state, code in by_state.items():
        names = sorted(name for name, holds in reckoned.conditions.items() if holds is state)
        if names:
            yield {"code": code, "names": names}
    if reckoned.verdict != "eligible" and all(reckoned.conditions.values()):
        yield {"code": "unknown", "names": []}
    if reckoned.amount_fen is None:
        yield {"code": "no_amount"}
    elif reckoned.amount_fen <= 0:
        yield {"code": "nothing_to_pay"}
    elif reckoned.amount_fen > rule.cap:
        yield {"code": "over_cap", "fen": reckoned.amount_fen, "cap": rule.cap}


def _had_before(programme: Programme, reckoned: Reckoned) -> bool:
    """Whether the beneficiary has had in full what is paid once: that this is another event an officer decides. One query at most."""
    if programme.payment is None or programme.payment.cycle != "once":
        return False
    return Award.objects.filter(programme=programme.slug, beneficiary=reckoned.reasons.subject, ending="completed").exists()


def unfresh(reckoned: Reckoned, days: int) -> Iterator[dict[str, Any]]:
    """Facts that the conditions or the amount used and no register says, and lists behind one whose newest delivery for its area is older
    than so many days. One query, for the newest delivery of each list."""
    reasons = reckoned.reasons
    used = {fact.name for fact in reasons.explanation.read if not fact.who}
    told = [(name, reasons.told[name]) for name in sorted(used) if name in reasons.told]
    told += [(name, one) for (_who, name), one in reasons.told_of.items()]
    unsaid = {name for name, one in told if one.known_since is None} | (used & reasons.given)
    if unsaid:
        yield {"code": "no_register", "names": sorted(unsaid)}
    behind = {(one.source.list, one.area) for _name, one in told if one.source.list is not None and one.known_since is not None}
    rows = ListImport.objects.filter(list_slug__in={slug for slug, _area in behind}, undone_at__isnull=True).values_list(
        "list_slug", "area_code"
    )
    known = [(slug, area, day) for slug, area, day in rows.annotate(day=Max("as_of"))]
    newest: dict[str, list[date | None]] = {}
    for slug, own in behind:
        newest.setdefault(slug, []).append(max((day for name, area, day in known if name == slug and own.startswith(area)), default=None))
    oldest = clock.today() - timedelta(days=days)
    for slug, each in sorted(newest.items()):
        old = [day for day in each if day is None or day < oldest]
        if old:
            said = None if None in old else min(day for day in old if day is not None)
            yield {"code": "stale", "names": [slug], "day": said.isoformat() if said else None, "days": days}


def drawn(share: Fraction) -> bool:
    """Whether this one is checked afterwards. Nobody can tell beforehand."""
    return share > 0 and secrets.randbelow(share.denominator) < share.numerator
