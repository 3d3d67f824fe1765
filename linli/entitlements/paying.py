"""Who is paid where it isn't the person: a guardian by the register, a school or provider on record, the employer that asks; and who may
speak for an organisation."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from uuid import UUID

from django.db.models import QuerySet

from linli.agreements.models import Award
from linli.entitlements.models import Application
from linli.kernel.compiled import compiled
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.identity import parse_credit_code
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import PAYEES
from linli.registers.guardians import guardians_of
from linli.registers.models import Organisation, Resident

PROVIDER = "provider"
"""The kind of organisation that is paid for what it does for somebody: schools, centres, contractors."""
ORGANISATIONS = ("provider", "school", "employer")
"""Payees that are an organisation."""
CANDIDATES = 6
"""So many organisations are told where a name fits several."""


def payee(programme: Programme, wanted: str) -> str:
    """One of those that the programme pays to; of an organisation `self` is the organisation that asks, as `employer` is, never whoever
    stands at the window for it. Raises LinliError for any other."""

    def meant(kind: str) -> str:
        return "employer" if is_its_own(programme, kind) else kind

    allowed = programme.payment.payees if programme.payment else ("self",)
    if meant(wanted) not in {meant(one) for one in allowed}:
        raise _refused(wanted, allowed)
    return meant(wanted)


def is_its_own(programme: Programme, kind: str) -> bool:
    """Whether a payee of this kind is the organisation that applies."""
    return programme.subject == "organisation" and kind in ("self", "employer")


def is_named(programme: Programme, kind: str) -> bool:
    """Whether a payee of this kind is an organisation that has to be named with the application; a contractor is chosen with the works."""
    works = kind == "provider" and programme.particulars.works is not None
    return kind in ORGANISATIONS and not works and not is_its_own(programme, kind)


def organisations_called(words: str, kind: str) -> list[Organisation]:
    """The organisations on record that somebody may mean as payee: by unified credit code, else by the whole name, else by a part of it; at
    most CANDIDATES, by name. Schools and centres are providers; an employer may be any. Three queries at most."""
    text = " ".join(words.split())
    rows = Organisation.objects.filter(kind=PROVIDER) if kind in ("provider", "school") else Organisation.objects.all()
    with suppress(LinliError):
        return list(rows.filter(credit_code=parse_credit_code(text)))
    whole = list(rows.filter(name=text).order_by("pk")[:CANDIDATES])
    return whole or (list(rows.filter(name__icontains=text).order_by("name", "pk")[:CANDIDATES]) if text else [])


def payee_uid(programme: Programme, person: Resident, beneficiary: UUID, wanted: str, chosen: UUID | None) -> UUID | None:
    """Whose name the account has to bear; None while nobody knows yet (a provider that is chosen with the works). One query at most.

    Raises LinliError for a guardian whom the register doesn't name, an organisation that isn't on record, and where nobody was chosen:
    the money would go out in the name of the person.
    """
    if is_its_own(programme, wanted):
        return beneficiary
    if wanted == "self":
        return person.uid
    if chosen is None and wanted == "provider" and programme.particulars.works is not None:
        return None
    if chosen is None and wanted == "guardian":
        raise _nobody("登记中没有监护人，不能付给监护人", "The register knows of no guardian to be paid.")
    if chosen is None:
        raise _nobody("没有选择收款单位", "No organisation to be paid was chosen.")
    if wanted == "guardian" and not guardians_of(person, Resident.objects.filter(uid=chosen)):
        raise _nobody("登记中没有这位监护人", "The register knows of no such guardian.")
    if wanted != "guardian" and not Organisation.objects.filter(uid=chosen).exists():
        raise _nobody("登记中没有这个收款单位", "The register knows of no such organisation.")
    return chosen


def holder_name(application: Application) -> str:
    """Whose name the account of an application has to bear, by the registers; "" while nobody knows. Two queries at most."""
    uid = application.payee_uid
    if uid is None:
        return ""
    named = _name.first(uid)
    return named or Organisation.objects.filter(uid=uid).values_list("name", flat=True).first() or ""


def other_payee(paid: Application | Award, person: UUID) -> tuple[str, str] | None:
    """Who is paid where it isn't whoever gets it: as what, and by name, "" while nobody knows; None where it is themselves. person: whose
    matter it is. Two queries at most."""
    if paid.payee == "self" or paid.payee_uid in (person, UUID(str(paid.beneficiary))):
        return None
    return paid.payee, names_of_payees([paid.payee_uid]).get(paid.payee_uid, "")


def names_of_payees(uids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Names of organisations and people who are paid, by the registers; whoever was erased is left out. Two queries at most."""
    wanted = {uid for uid in uids if uid is not None}
    if not wanted:
        return {}
    firms = dict(Organisation.objects.filter(uid__in=wanted).values_list("uid", "name"))
    rest = wanted - set(firms)
    people = dict(Resident.objects.filter(uid__in=rest).values_list("uid", "name")) if rest else {}
    return {uid: name for uid, name in (firms | people).items() if name}


@compiled
def _name(uid: UUID) -> QuerySet[Resident, str]:
    return Resident.objects.filter(uid=uid).values_list("name", flat=True)


def require_authority(viewer: Viewer, person: Resident, window: str, seen: str, known: Collection[str]) -> None:
    """Raise unless a window has looked at who speaks for an organisation: no register of the city says whose representative anybody is."""
    if viewer.acts_for_resident(person.uid):
        raise Refused(
            "entitlements.organisation_at_window",
            zh="单位的申请不能在网上提出：登记中没有法定代表人信息",
            en="An organisation does not apply on line: no register says who represents it.",
            remedy_zh="法定代表人带身份证，或者经办人带单位的授权委托书，到任一窗口办理",
            remedy_en="its representative with their card, or somebody with its power of attorney, comes to any window",
        )
    if window and seen not in known:
        raise LinliError(
            "entitlements.authority",
            zh="请核对这位居民可以代表单位",
            en="Look at what lets this person speak for the organisation.",
            place=Place(field="authority"),
            expected=", ".join(known),
            expected_zh="法定代表人，或者持有授权委托书",
            found=seen or "nothing",
            found_zh=seen or "没有选择",
            remedy_zh="核对后选择一种",
            remedy_en="compare, and choose one",
        )


def _refused(wanted: str, allowed: Iterable[str]) -> LinliError:
    return LinliError(
        "entitlements.payee",
        zh="这项政策不能付给这个收款人",
        en="The programme doesn't pay to this payee.",
        place=Place(field="payee"),
        expected=", ".join(allowed),
        expected_zh="、".join(PAYEES[one].zh for one in allowed),
        found=wanted,
        found_zh=PAYEES[wanted].zh if wanted in PAYEES else wanted,
        remedy_zh="选择列出的收款人",
        remedy_en="choose one of them",
    )


def _nobody(zh: str, en: str) -> LinliError:
    return LinliError(
        "entitlements.no_such_payee",
        zh=zh,
        en=en,
        place=Place(field="payee"),
        remedy_zh="选择列出的收款人；不在登记里的，请窗口先登记，单位在“登记单位”里登记",
        remedy_en="choose one of those listed; a window records others first, organisations under “Organisations”",
    )
