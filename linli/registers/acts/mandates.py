"""Mandates: who may act for whom, on which evidence, and when it ends. Both sides get a fact, from which both are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.accounts import require_clerk
from linli.registers.acts.guards import lock, require_range, require_word, subject_of
from linli.registers.guardians import guarded_by, guards, is_guarded
from linli.registers.matters import lasts_until
from linli.registers.models import Mandate, Resident, Staff
from linli.registers.models.accounts import AGENT_UNREAD, MANDATE_KINDS
from linli.trace import Act, AlreadyDone, act
from linli.trace.facts import FactType

NO_GUARDIAN_ZH = "请监护人带判决书、指定监护决定、意定监护协议或监护关系证明到任一便民服务窗口，凭文件登记监护关系，县（市、区）确认后生效"
NO_GUARDIAN_EN = (
    "have the guardian bring the judgment, appointment, agreement or certificate to any service window to be recorded; it takes effect"
    " once the county has confirmed it"
)


def grant_mandate(
    viewer: Viewer,
    *,
    principal: Resident,
    kind: str,
    agent: Resident | Staff,
    evidence: str,
    matter: str = "",
    valid_to: date | None = None,
    guardian: Resident | None = None,
    key: str | None = None,
) -> Mandate:
    """Let the agent act for the principal from today on, or return the mandate that says so already.

    guardian: the register must say that the agent is; asked for by the agent. family and single_matter: given by the principal.
    A clerk may record any of them with the evidence of consent. Staff act in a single matter only; how long such a mandate lasts
    unless valid_to says otherwise: matters.lasts_until(). guardian: who consents for a minor or a ward, who never do it themselves; a
    guardian passes on single matters only. Needs level card. Locks both residents in order of id.
    """
    require_word("kind", kind, MANDATE_KINDS)
    staff = agent if isinstance(agent, Staff) else None
    other = agent if isinstance(agent, Resident) else None
    today = clock.today()
    ends = valid_to or (lasts_until(matter, today, staff=staff is not None) if kind == "single_matter" else None)
    require_range(today, ends)
    _require_possible(principal, other, kind, matter, evidence)
    giver = other if kind == "guardian" else _giver(principal, kind, guardian)
    _require_may_give(viewer, giver)
    agreed = giver if kind != "guardian" and giver != principal else None
    mandate = Mandate(
        principal=principal, agent_resident=other, agent_staff=staff, kind=kind, matter=matter, evidence=evidence.strip(),
        agreed_by=agreed, valid_from=today, valid_to=ends,
    )  # fmt: skip
    try:
        with act(viewer, key=key) as a:
            lock(*([principal, other] if other else [principal]))
            sides = {"principal": principal, "agent_resident": other, "agent_staff": staff, "agreed_by": agreed}
            same = Mandate.objects.filter(**sides, kind=kind, matter=matter, ended_at__isnull=True, valid_to=ends).first()
            if same is not None:
                return same
            mandate.save(force_insert=True)
            _record(a, facts.MANDATE_GRANTED, mandate)
            a.result = {"mandate": str(mandate.uid)}
    except AlreadyDone as done:
        return Mandate.objects.get(uid=done.result["mandate"])
    return mandate


def _require_possible(principal: Resident, other: Resident | None, kind: str, matter: str, evidence: str) -> None:
    wrong = ""
    if other is not None and other.pk == principal.pk:
        wrong = "agent"
    elif (kind == "single_matter") != bool(matter.strip()) or len(matter) > 80:
        wrong = "matter"
    elif not evidence.strip() or len(evidence) > 200:
        wrong = "evidence"
    elif kind != "single_matter" and other is None:
        wrong = "kind"
    if wrong:
        raise LinliError(
            "mandates.incomplete",
            zh="委托写得不完整，或委托人和代办人是同一人",
            en="The mandate is incomplete, or both sides are one person.",
            place=Place(field=wrong),
            expected="two people, the matter of a single-matter mandate, and how consent was shown",
            expected_zh="两个人、单项委托的事项，以及如何表示同意",
            remedy_zh="补全后再提交",
            remedy_en="complete it and submit again",
        )
    if kind == "guardian" and (other is None or principal.pk not in guarded_by(other, [principal])):
        raise LinliError(
            "mandates.no_guardian",
            zh="登记中没有这一监护关系",
            en="The register knows of no such guardianship.",
            place=Place(field="agent"),
            remedy_zh=NO_GUARDIAN_ZH,
            remedy_en=NO_GUARDIAN_EN,
        )


def _giver(principal: Resident, kind: str, guardian: Resident | None) -> Resident:
    """Who gives a mandate for this person: themself, or a guardian of theirs for one matter. Civil Code, arts. 19 to 23 and 34."""
    if not is_guarded(principal):
        return principal
    if kind == "family":
        raise LinliError(
            "mandates.ward_gives_none",
            zh="未满十八周岁或者有监护人的居民，不能自己授权家人长期代办",
            en="Somebody under eighteen or under guardianship gives no lasting mandate.",
            place=Place(field="kind"),
            remedy_zh="由监护人代办：选“登记的监护人”；只办一件事的，由监护人委托",
            remedy_en="their guardian acts for them: choose the registered guardian; for one matter the guardian consents",
        )
    if guardian is None or principal.pk not in guarded_by(guardian, [principal]):
        raise LinliError(
            "mandates.guardian_consents",
            zh="未满十八周岁或者有监护人的居民，由监护人同意" if guardian is None else "登记中没有这一监护关系",
            en="Their guardian consents for somebody under eighteen or under guardianship."
            if guardian is None
            else "The register knows of no such guardianship.",
            place=Place(field="guardian"),
            remedy_zh="请监护人到场，填监护人的身份证号" if guardian is None else NO_GUARDIAN_ZH,
            remedy_en="have the guardian come and give the guardian's identity number" if guardian is None else NO_GUARDIAN_EN,
        )
    return guardian


def _require_may_give(viewer: Viewer, giver: Resident | None) -> None:
    if giver is not None and viewer.is_self(giver.uid):
        viewer.require_level("card")
    else:
        require_clerk(viewer)


def agree_mandate(viewer: Viewer, *, mandate: Mandate, guardian: Resident) -> Mandate:
    """Let stand, as the person's guardian, what they gave before they had one: it rested until now. A second time changes nothing.

    By the guardian at level card, or by a clerk with the guardian at the window. Locks the mandate.
    """
    _giver(mandate.principal, "single_matter", guardian)
    _require_may_give(viewer, guardian)
    with act(viewer) as a:
        row = _locked(mandate)
        if row.ended_at is None and row.agreed_by_id is None and row.kind != "guardian":
            row.agreed_by = guardian
            row.save(update_fields=["agreed_by"])
            _record(a, facts.MANDATE_AGREED, row)
    return row


def end_mandate(viewer: Viewer, *, mandate: Mandate) -> Mandate:
    """End it now: either side, the person's guardian, or a clerk. A second time changes nothing. Locks the mandate."""
    agents = [one.actor if isinstance(one, Staff) else subject_of(one) for one in (mandate.agent_resident, mandate.agent_staff) if one]
    if viewer.actor not in (subject_of(mandate.principal), *agents) and not guards(viewer, mandate.principal):
        require_clerk(viewer)
    with act(viewer) as a:
        return _end(a, mandate)


def end_matter(viewer: Viewer, *, principal: UUID, matters: Sequence[str]) -> list[Mandate]:
    """The matter is done: the person's single-matter mandates for it end with it. For the stage that closes the matter. Locks them."""
    if not (viewer.all_seeing or viewer.grants):
        raise Refused("mandates.not_yours", zh="只有办理此事的人员能办结", en="Only whoever handles the matter can close it.")
    rows = Mandate.objects.filter(principal__uid=principal, matter__in=matters, kind="single_matter", ended_at__isnull=True)
    with act(viewer) as a:
        return [_end(a, one, acted_for=False) for one in rows.order_by("id")]


def _end(a: Act, mandate: Mandate, *, acted_for: bool = True) -> Mandate:
    row = _locked(mandate)
    if row.ended_at is None:
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        _record(a, facts.MANDATE_ENDED, row, acted_for=acted_for)
    return row


def _locked(mandate: Mandate) -> Mandate:
    both_sides = Mandate.objects.select_related("principal", "agent_resident", "agent_staff").defer(*AGENT_UNREAD)
    return both_sides.select_for_update(of=("self",)).get(pk=mandate.pk)


def _record(a: Act, fact: FactType, mandate: Mandate, *, acted_for: bool = True) -> None:
    """The row is in the principal's fact; the agent's has the words only, so that no fact ties the two.

    acted_for: whether somebody else than the principal did this for them, and not for an office.
    """
    about = {"kind": mandate.kind, "matter": mandate.matter}
    principal = subject_of(mandate.principal)
    behalf = principal if acted_for and a.viewer.actor != principal else None
    a.record(fact, subject=principal, payload={**about, "side": "principal", "on_behalf_of": behalf}, rows=[mandate])
    agent = mandate.agent_staff.actor if mandate.agent_staff else subject_of(mandate.agent_resident) if mandate.agent_resident else ""
    if agent:
        a.record(fact, subject=agent, payload={**about, "side": "agent", "on_behalf_of": None})
