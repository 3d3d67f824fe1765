"""People of a generated city with an award and an account each: what a soak's batch is gathered from. Run in the city's environment."""

from __future__ import annotations

import json
import sys
from datetime import date

PROGRAMME, VERSION, BEGINS, AREA = "disability-nursing-subsidy", "2026", date(2026, 1, 1), "140802"
"""A rule that asks lists which nobody has delivered here: it excludes none of them, however they were made up."""
LEVELS = (9_000, 9_000, 9_000, 9_000, 12_000)
"""Monthly fen, in turn."""
AT_ONCE = 500


def account_of(number: int) -> str:
    """The account of the award made as the number-th, from 0 on."""
    return f"62{number:014}"


def level_of(number: int) -> int:
    """What that award pays a month, in fen."""
    return LEVELS[number % len(LEVELS)]


def grant(number: int) -> None:
    """Awards for so many people, in acts of 500; each on a closed case of its own, as a decision leaves it behind."""
    from linli.kernel.viewer import system
    from linli.registers.models import Resident
    from linli.trace import act

    operator = system("soak")
    people = list(Resident.objects.filter(erased_at=None, deceased_on=None).order_by("id")[:number])
    if len(people) < number:
        raise SystemExit(f"only {len(people)} people are alive")
    for start in range(0, number, AT_ONCE):
        with act(operator) as current:
            _grant_some(current, start, people[start : start + AT_ONCE])


def _grant_some(current, start, people) -> None:
    from linli import vault
    from linli.agreements import facts
    from linli.agreements.models import Award
    from linli.casework.models import Case
    from linli.casework.receipts import new_receipt
    from linli.kernel import clock

    told = [
        json.dumps({"name": who.name, "number": account_of(start + place), "bank": ""}, ensure_ascii=False)
        for place, who in enumerate(people)
    ]
    sealed = vault.protect_many([(who.uid, {"account": text}) for who, text in zip(people, told, strict=True)])
    now, receipts = clock.now(), set()
    while len(receipts) < len(people):  # a day has a million numbers: of twenty thousand, some are drawn twice
        receipts |= {new_receipt(clock.today()) for _ in people}
        receipts -= set(Case.objects.filter(receipt__in=receipts).values_list("receipt", flat=True))
    cases = [
        Case(
            receipt=receipts.pop(), kind="application", subject=f"resident:{who.uid}", area_code=AREA, programme=PROGRAMME,
            programme_version=VERSION, status="closed", outcome="granted", opened_at=now, closed_at=now, due_at=now,
            opened_by="system:soak",
        )
        for who in people
    ]  # fmt: skip
    Case.objects.bulk_create(cases)
    awards = [
        Award(
            case=case, programme=PROGRAMME, programme_version=VERSION, beneficiary_kind="person", beneficiary=who.uid, person=who.uid,
            area_code=AREA, category="", amount_fen=level_of(start + place), cycle="month", begins_on=BEGINS, payee="self",
            account_cipher=cipher["account"], state="active", state_since=now,
        )
        for place, (who, case, cipher) in enumerate(zip(people, cases, sealed, strict=True))
    ]  # fmt: skip
    Award.objects.bulk_create(awards)
    for award in awards:
        payload = {"award": str(award.uid), "case": str(award.case.uid), "programme": PROGRAMME, "state": "active", "cycle": "month"}
        payload["amount_fen"] = award.amount_fen
        subject, changed = f"resident:{award.person}", [award.case, award]
        current.record(facts.AWARD_MADE, subject=subject, payload=payload, rows=changed, area=AREA, also=[str(award)])


if __name__ == "__main__":
    from linli.site import environment

    environment.prepare()
    grant(int(sys.argv[1]))
