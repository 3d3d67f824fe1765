"""The office takes an application on, or asks once for everything that is missing; the person gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from linli.casework import said
from linli.casework.acts import require_may_ask
from linli.casework.desks import case_for, no_case, require_free, require_impartial
from linli.casework.kinds import APPLICATION
from linli.casework.models import Case, Requirement
from linli.casework.steps import intake
from linli.casework.steps.acts import in_step, open_application, programme_of
from linli.entitlements import facts, letters
from linli.entitlements.acts.applying import Account
from linli.entitlements.models import Application
from linli.entitlements.reckoning import ACCOUNT, keep, reckon
from linli.entitlements.recording import record
from linli.entitlements.told import Told, stated, told_of
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.registers.acts.guards import resident_of
from linli.trace import Act, AlreadyDone, act

Given = Callable[[Act, Case, Application], None]


def accept(viewer: Viewer, case: UUID, *, key: str | None = None) -> Case:
    """Accept an application: the clock starts, a notice of acceptance is written. Refused while something is missing. Locks the case."""
    try:
        with act(viewer, key=said.scoped(viewer, "accept", key)) as a:
            row = open_application(viewer, case)
            require_impartial(viewer, row)
            require_free(viewer, row)
            programme = programme_of(row)
            intake.accept(a, viewer, row, programme)
            letters.acceptance(a, viewer, row, programme)
            a.result = {"case": str(row.uid)}
    except AlreadyDone as done:
        return case_for(viewer, UUID(done.result["case"]))
    return row


def ask_supplement(viewer: Viewer, case: UUID, materials: Sequence[str], words: str, *, key: str | None = None) -> Case:
    """Ask once for everything that is missing, with reasons. The clock stands still; unanswered it lapses. Locks the case.

    materials: ids of the programme's materials.
    """
    reasons = said.required(words)
    try:
        with act(viewer, key=said.scoped(viewer, "ask_supplement", key)) as a:
            row = open_application(viewer, case)
            require_impartial(viewer, row)
            require_free(viewer, row)
            programme = programme_of(row)
            wanted = [one.id for one in programme.materials if one.id in set(materials)]
            last = intake.ask_items(a, viewer, row, programme, wanted)
            letters.supplement(a, viewer, row, programme, wanted, reasons, last)
            a.result = {"case": str(row.uid)}
    except AlreadyDone as done:
        return case_for(viewer, UUID(done.result["case"]))
    return row


def give_account(viewer: Viewer, case: UUID, account: Account, *, key: str | None = None) -> Case:
    """Say where to pay, where that is wanted. Allowed as for applying. Locks the case."""

    def given(a: Act, row: Case, application: Application) -> None:
        application.account_cipher = account.sealed(row.subject_uid)
        application.save(update_fields=["account_cipher"])
        _met(a, row, application, ACCOUNT, "given")

    return _give(viewer, case, "give_account", given, key)


def give_word(
    viewer: Viewer, case: UUID, material: str, facts_stated: Mapping[str, Any] = MappingProxyType({}), *, key: str | None = None
) -> Case:
    """Promise that something is so, where a promise stands for the paper (告知承诺). Locks the case.

    facts_stated: what the material would have shown and no register holds, by name; the rule is asked anew with it.
    """

    def given(a: Act, row: Case, application: Application) -> None:
        programme = programme_of(row)
        if not any(one.id == material and one.exempt == "commitment" for one in programme.materials):
            raise no_case(material)
        if facts_stated:
            told = stated(programme, facts_stated, by="person", before=told_of(application, programme))
            application.answers_cipher = told.sealed(row.subject_uid)
            reckon_anew(a, application, programme, told)
        _met(a, row, application, material, "commitment")

    return _give(viewer, case, "give_word", given, key)


def _give(viewer: Viewer, uid: UUID, verb: str, given: Given, key: str | None) -> Case:
    try:
        with act(viewer, key=said.scoped(viewer, verb, key)) as a:
            row = given_for(viewer, uid)
            given(a, row, Application.objects.select_for_update().get(case=row))
            a.result = {"case": str(row.uid)}
    except AlreadyDone as done:
        return Case.objects.get(uid=done.result["case"])
    return row


def given_for(viewer: Viewer, uid: UUID) -> Case:
    """The open application for which the viewer may give something, locked: the person's, their proxy's, any window's."""
    row = Case.objects.select_for_update(of=("self",)).select_related("task").filter(uid=uid, kind=APPLICATION.slug, status="open").first()
    if row is None:
        raise no_case(uid)
    require_may_ask(viewer, resident_of(row.subject_uid), row.area_code, APPLICATION)
    return row


def _met(a: Act, row: Case, application: Application, material: str, state: str) -> None:
    need = Requirement.objects.select_for_update().filter(case=row, material=material).first()
    rows: list[object] = [application]
    if need is not None:
        need.state = state
        need.save(update_fields=["state"])
        rows.append(need)
    record(a, application, facts.GIVEN, {"material": material}, rows)
    intake.supplied(a, row)


def look_again(viewer: Viewer, case: UUID) -> Application:
    """Ask the rule anew on today's facts and keep what it says. For whoever works on the case. Locks the application."""
    with act(viewer) as a:
        row = case_for(viewer, case)
        application = Application.objects.select_for_update().select_related("case").get(case=row)
        programme = programme_of(row)
        reckon_anew(a, application, programme, told_of(application, programme))
    return application


def reckon_anew(a: Act, application: Application, programme: Programme, told: Told) -> None:
    """Ask the rule with what was told and keep what it says, for an act that has locked the application."""
    reckoned = reckon(programme, application.beneficiary_uid, told)
    keep(application, reckoned, clock.today())
    application.save()
    record(a, application, facts.RECKONED, {"verdict": reckoned.verdict, "missing": list(reckoned.missing)}, [application])


def state_facts(viewer: Viewer, case: UUID, facts_found: Mapping[str, Any], *, key: str | None = None) -> Case:
    """Put on the application what the office found that no register holds (an assessment, a paper), and ask the rule anew. Locks the case.

    facts_found: by name, money in fen, dates as date. Raises LinliError for a fact that a register holds: that is corrected there.
    """

    def done(a: Act, row: Case, programme: Programme, _taken: object) -> None:
        application = Application.objects.select_for_update().select_related("case").get(case=row)
        told = stated(programme, facts_found, by="office", before=told_of(application, programme))
        application.answers_cipher = told.sealed(row.subject_uid)
        reckon_anew(a, application, programme, told)

    return in_step(viewer, case, "state_facts", done, key)
