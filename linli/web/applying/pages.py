"""On which pages the form is asked: all of it on one, or one thing at a time in the elder edition; then what is confirmed, then it is sent.

Without scripts: what was filled in on other pages travels along in the form itself and is checked again each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.datastructures import MultiValueDict

from linli.casework.kinds import APPLICATION
from linli.casework.letters.queries import masked_name
from linli.casework.models import Case
from linli.casework.queries import name_of
from linli.casework.receipts import grouped
from linli.entitlements.letters import came_in
from linli.entitlements.queries import progress
from linli.entitlements.reckoning import ACCOUNT
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.registers.models import Resident
from linli.web.applying.form import ApplyForm, Group, value_words
from linli.web.case import applications
from linli.web.person import mine

ALL, SUMMARY = "all", "summary"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the form. key: ALL, a group's or SUMMARY; number of total, from 1; before: the page before, "" on the first."""

    key: str
    groups: tuple[Group, ...]
    number: int
    total: int
    before: str

    @property
    def confirms(self) -> bool:
        """Whether everything is read once more here, and sent."""
        return self.key == SUMMARY


def pages_of(form: ApplyForm, *, elder: bool) -> list[Page]:
    """The pages in order; a form that asks for nothing is only confirmed."""
    groups = form.groups
    asked = [(one.key, (one,)) for one in groups] if elder else [(ALL, tuple(groups))] if groups else []
    keys = [*(key for key, _groups in asked), SUMMARY]
    found = [*asked, (SUMMARY, ())]
    return [Page(key, shown, at + 1, len(keys), keys[at - 1] if at else "") for at, (key, shown) in enumerate(found)]


def turned(form: ApplyForm, posted: MultiValueDict[str, str], *, elder: bool) -> tuple[Page, bool]:
    """The page that follows, and whether everything is there and was confirmed. Only the problems of the page shown stay on the form."""
    pages = pages_of(form, elder=elder)
    if not form.is_bound:
        return pages[0], False
    asked, back = posted.get("page", ""), posted.get("to", "")
    keys = [one.key for one in pages]
    at = keys.index(asked) if asked in keys else 0
    wrong = next((one for one in pages[: at + 1] if _wrong(form, one)), None)
    if back:
        shown = next((one for one in pages if one.key == back or back in {group.key for group in one.groups}), pages[0])
        _leave(form, ())
        return shown, False
    if wrong is not None or (pages[at].confirms and form.errors):
        shown = wrong or pages[0]
        _leave(form, _names(shown))
        return shown, False
    if pages[at].confirms:
        return pages[at], True
    following = pages[at + 1]
    _leave(form, ())
    return following, False


def where(form: ApplyForm, page: Page, *, elder: bool) -> Page:
    """The page on which the problem that an act found can be mended, else the one given."""
    return next((one for one in pages_of(form, elder=elder) if _wrong(form, one)), page)


def _names(page: Page) -> set[str]:
    return {name for group in page.groups for name in group.fields}


def _wrong(form: ApplyForm, page: Page) -> bool:
    return any(name in form.errors for name in _names(page))


def _leave(form: ApplyForm, names: Iterable[str]) -> None:
    """Take the problems of fields that aren't asked on this page off the form: they are told on theirs."""
    kept = set(names)
    for name in [one for one in form.errors if one not in kept]:
        del form.errors[name]


def carried(form: ApplyForm, posted: MultiValueDict[str, str], page: Page) -> list[tuple[str, str]]:
    """What was filled in on other pages, as it was sent: name and value of each."""
    shown = _names(page)
    others = [name for group in form.groups for name in group.fields if name not in shown]
    parts = {part: name for name in others for part in (name, f"{name}_0", f"{name}_1", f"{name}_2")}
    return [(part, value) for part in posted if part in parts for value in posted.getlist(part)]


def shown(viewer: Viewer, person: Resident, programme: Programme, beneficiary: UUID | None, form: ApplyForm) -> dict[str, Any]:
    """What components/apply.html shows beside the form: what is on record, condition by condition, and what is still unknown.

    beneficiary: None for an organisation, whose facts are the office's to look at.
    """
    context: dict[str, Any] = {"programme": programme, "form": form}
    if beneficiary is None:
        return context
    told, conditions = mine.reasons(viewer, person, programme.slug, beneficiary)
    return context | {
        "conditions": conditions,
        "once": mine.once_only(conditions),
        "verdict": told.explanation.verdict.verdict,
        "missing": [label for _key, label in told.explanation.missing_labels],
    }


def asked(form: ApplyForm, posted: MultiValueDict[str, str], page: Page) -> dict[str, Any]:
    """What components/apply.html shows of a page: its fields, what travels along, what is read once more before it is sent."""
    context: dict[str, Any] = {
        "page": page,
        "fields": [(_heading(group), [form[name] for name in group.fields]) for group in page.groups],
        "carried": carried(form, posted, page),
        "show_known": page.key in (ALL, SUMMARY),
    }
    if not page.confirms:
        return context
    promised = form.cleaned_data.get("committed", ()) if form.is_bound else ()
    papers = [one for one in form.programme.materials if one.id != ACCOUNT]
    return context | {
        "answers": answers(form) if form.is_bound else [],
        "spared": [one.label for one in papers if one.exempt == "data_sharing"],
        "bring": [one.label for one in form.programme.materials if one.id == ACCOUNT and form.wants_account]
        + [one.label for one in papers if one.exempt == "none" or (one.exempt == "commitment" and one.id not in promised)],
    }


def _heading(group: Group) -> str:
    """What stands above a group's fields, "" where its first field says it."""
    return str(group.title) if len(group.fields) > 1 and group.fields[0] != "account" else ""


def answers(form: ApplyForm) -> list[tuple[str, str, str]]:
    """(what, in words, page on which it can be changed) of everything that was filled in, for the summary."""
    rows = [(str(form.fields[name].label), value_words(form, name), group.key) for group in form.groups for name in group.fields]
    return [row for row in rows if row[1]]


def receipt(case: Case) -> dict[str, Any]:
    """What my/receipt.html shows of an application, whose person it names by a masked name. Seven queries. Raises Http404 for other
    kinds."""
    if case.kind != APPLICATION.slug:
        raise Http404
    told = progress(case)
    return {
        "case": case,
        "receipt": grouped(case.receipt),
        "programme": told.programme,
        "person": masked_name(name_of(case)),
        "where": came_in(case),
        "needs": applications.needs(told),
        "limits": applications.limits(told.programme),
        "automatic": told.application.automatic,
    }
