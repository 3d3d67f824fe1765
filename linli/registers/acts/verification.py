"""Asking a list's authority about one person (核验), and keeping what it answered: by whom, when, until when."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import home_of
from linli.registers.acts.records import record_change
from linli.registers.bitemporal import believed, true_on
from linli.registers.lists import ListDeclaration, find_list, load_lists
from linli.registers.models import Authorisation, Record, Resident
from linli.registers.ports import Answer, Question, VerificationSource
from linli.registers.verification import source_for

PURPOSE = "registers.verify"


def verify(viewer: Viewer, *, resident: Resident, list_slug: str, source: VerificationSource | None = None) -> Record | None:
    """Ask the list's authority about the person and keep the answer. source: the configured adapter if left out.

    Refused without the person's authorisation where the list needs one. The number is read for the purpose registers.verify, which the
    person can see. The authority is asked outside any transaction; nothing is locked meanwhile. Needs officer over the person's area.
    """
    declaration = _queried(list_slug)
    viewer.require("officer", area=home_of(resident))
    _require_authorisation(declaration, resident, clock.today())
    if not resident.identity_cipher:
        raise _refusal("no_identity", "没有登记身份证号，无法核验", "No identity number is on record.", "an identity number", "none")
    adapter = source or source_for(declaration)
    plain = vault.reveal(viewer, purpose=PURPOSE, subject=resident.uid, fields={"identity": resident.identity_cipher})
    answer = adapter.ask(declaration, Question(plain["identity"], resident.name))
    return record_verification(viewer, resident=resident, list_slug=list_slug, answer=answer)


def record_verification(viewer: Viewer, *, resident: Resident, list_slug: str, answer: Answer, key: str | None = None) -> Record | None:
    """Keep an authority's answer about a person; it is good until it expires. Locks the resident. The same answer twice changes nothing."""
    declaration = _queried(list_slug)
    answered_on = clock.day_of(answer.answered_at)
    _require_authorisation(declaration, resident, answered_on)
    expires_on = answer.expires_on or answered_on + timedelta(days=declaration.valid_days or 0)
    if answered_on > clock.today() or expires_on <= answered_on:
        expected, found = "answered up to today, before it expires", f"{answered_on} – {expires_on}"
        raise _refusal("impossible_answer", "答复的日期不可能", "The answer's dates are impossible.", expected, found)
    return record_change(
        viewer,
        subject=resident,
        list_slug=list_slug,
        data=dict(answer.data),
        present=answer.present,
        valid_from=answered_on,
        origin="query",
        authority=answer.authority,
        expires_on=expires_on,
        key=key,
    )


def _queried(list_slug: str) -> ListDeclaration:
    declaration = find_list(load_lists(Path(settings.LINLI_CITY)), list_slug)
    if declaration.source != "query":
        raise _refusal("not_queried", "该名单以文件方式提供", "This list comes as a file.", "a list declared with source: query", list_slug)
    return declaration


def _require_authorisation(declaration: ListDeclaration, resident: Resident, on: date) -> None:
    if not declaration.authorisation:
        return
    if not Authorisation.objects.filter(believed(), true_on(on), resident=resident, list_slug=declaration.slug).exists():
        raise _refusal(
            "not_authorised", "居民尚未授权查询", "The person has not authorised this.", f"an authorisation in force on {on}", "none"
        )


def _refusal(code: str, zh: str, en: str, expected: str, found: str) -> LinliError:
    return LinliError(
        f"verification.{code}",
        zh=zh,
        en=en,
        expected=expected,
        found=found,
        remedy_zh="补齐后再核验；在此之前相关事实为未知",
        remedy_en="complete it, then verify; until then the facts are unknown",
    )
