"""Instant approval (秒批): by rule alone, where every condition is true on fresh facts of registers and the amount is under the cap.

It is marked as automatic, a share of them is checked by an officer afterwards, and it is contested like any other decision.
Law: 个人信息保护法 第二十四条 (a decision by rule alone is explained, and may be contested); only favourable ones are made.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction

from django.db.models import Max

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


def approve(a: Act, row: Application, programme: Programme, reckoned: Reckoned, states: Mapping[str, str]) -> bool:
    """Approve at once where nothing is open; whether it was. Inside the act that applies; about twenty statements."""
    step = deciding_step(programme)
    rule = programme.procedure.instant if programme.procedure else None
    if rule is None or step is None or not clear(rule, reckoned, states):
        return False
    case = row.case
    clocks.start(a, case, programme)
    taken = moving.enter(a, APPROVING, case, programme, step)
    moving.leave_signed(a, APPROVING, case, taken, "granted")
    row.automatic = True
    row.save(update_fields=["automatic"])
    decision = settle(a, row, programme, reckoned, "granted", signers=[], automatic=True)
    letters.decision(a, APPROVING, case, programme, decision, reckoned, row)
    award(a, row, programme, last=True)
    moving.close(a, APPROVING, case, "granted")
    if drawn(rule.sample):
        person = resident_of(case.subject_uid)
        open_between_offices(APPROVING, person, case.area_code, SPOT_CHECK, about=case.receipt, programme=programme)
    return True


def deciding_step(programme: Programme) -> Step | None:
    """The step that instant approval stands for, where nothing has to follow it and nobody else has to sign; else None."""
    steps = programme.procedure.steps if programme.procedure else ()
    if not steps or steps[-1].kind not in DECIDES or any(step.kind in ("sign", "notice", "works", "accept_works") for step in steps):
        return None
    return steps[-1]


def clear(rule: Instant, reckoned: Reckoned, states: Mapping[str, str]) -> bool:
    """Whether nothing is open: eligible, everything there, under the cap, each fact said by a register that is fresh."""
    if reckoned.verdict != "eligible" or not all(reckoned.conditions.values()) or reckoned.amount_fen is None:
        return False
    settled = all(state in ("exempt", "given") for state in states.values())
    return settled and reckoned.amount_fen <= rule.cap and fresh(reckoned, rule.fresh_days)


def fresh(reckoned: Reckoned, days: int) -> bool:
    """Whether each fact of the subject that the conditions used is said by a register, and no list behind one is older than so many days.

    One query, for the newest delivery of each list.
    """
    reasons = reckoned.reasons
    used = {fact.name for condition in reasons.explanation.conditions for fact in condition.facts if not fact.who}
    told = [reasons.told[name] for name in used if name in reasons.told]
    told += [one for (_who, name), one in reasons.told_of.items()]
    if any(one.known_since is None for one in told):
        return False
    lists = {one.source.list for one in told if one.source.list is not None}
    rows = ListImport.objects.filter(list_slug__in=lists, undone_at__isnull=True).values_list("list_slug", "area_code")
    known = [(slug, area, day) for slug, area, day in rows.annotate(day=Max("as_of"))]
    oldest = clock.today() - timedelta(days=days)
    return all(
        any(slug == one.source.list and day >= oldest and one.area.startswith(area) for slug, area, day in known)
        for one in told
        if one.source.list is not None
    )


def drawn(share: Fraction) -> bool:
    """Whether this one is checked afterwards. Nobody can tell beforehand."""
    return share > 0 and secrets.randbelow(share.denominator) < share.numerator
