"""Why a sensitive field may be read: declared per city in purposes.yaml, each with its legal basis, fields and roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.conf import settings

from linli.kernel.errors import LinliError, Place, Refused, malformed
from linli.kernel.viewer import Viewer

_malformed = partial(
    malformed,
    "vault.bad_purposes",
    zh="查阅目的文件不正确",
    en="The purposes file is malformed.",
    like="cities/yuncheng/purposes.yaml",
)
NEEDED = (
    "api.webhook",
    "archives.export",
    "audit.review",
    "batches.check",
    "batches.poster",
    "casework.answer",
    "casework.document",
    "entitlements.reckon",
    "notices.send",
    "recovery.told",
    "registers.match",
    "registers.service",
    "registers.verify",
    "screening.explain",
    "screening.export",
    "screening.operate",
    "self.view",
    "settlement.pay",
    "settlement.payee",
    "staff.second_factor",
    "vault.renew",
)
"""Purposes that this release reads for: a city declares each, and may declare more."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """roles: who may read for this purpose; `self` is the person or whoever acts for them under a mandate, `system` the software."""

    slug: str
    zh: str
    en: str
    legal_basis_zh: str
    legal_basis_en: str
    fields: frozenset[str]
    roles: frozenset[str]

    def admits(self, viewer: Viewer, subject: UUID) -> bool:
        """Whether the viewer holds one of the roles anywhere; area and programme are filtered by the caller's query.

        Who has a mandate in force for the person reads as they do.
        """
        if viewer.actor == f"resident:{subject}":
            return "self" in self.roles
        if "self" in self.roles and viewer.acts_for_resident(subject):
            return True
        if viewer.actor.startswith("system:"):
            return "system" in self.roles
        return viewer.all_seeing or any(grant.role in self.roles for grant in viewer.grants)


def purposes(city: Path | None = None) -> dict[str, Purpose]:
    """The city's purposes by slug, in file order."""
    path = (city or Path(settings.LINLI_CITY)) / "purposes.yaml"
    if not path.exists():
        raise _malformed(path, "the file", "no file")
    return _loaded(path, path.stat().st_mtime_ns)


def require_whole(city: Path | None = None) -> None:
    """Before anything is served: raise LinliError for a city whose file lacks a purpose that this release reads for, naming each."""
    folder = city or Path(settings.LINLI_CITY)
    lacking = [slug for slug in NEEDED if slug not in purposes(folder)]
    if lacking:
        raise LinliError(
            "vault.purposes_lacking",
            zh="这座城市没有登记系统要用到的查阅目的",
            en="The city does not declare purposes that this release reads for.",
            place=Place(file=str(folder / "purposes.yaml")),
            expected=", ".join(NEEDED),
            found=(f"缺少 {'、'.join(lacking)}", f"missing: {', '.join(lacking)}"),
            remedy_zh="照 cities/yuncheng/purposes.yaml 补上这些目的，写明法律依据、信息和权限",
            remedy_en="add them as cities/yuncheng/purposes.yaml has them, each with its legal basis, fields and roles",
        )


def require_purpose(slug: str, viewer: Viewer, subject: UUID, fields: frozenset[str]) -> Purpose:
    """The purpose, if it exists, covers the fields and admits the viewer; otherwise Refused."""
    known = purposes()
    purpose = known.get(slug)
    if purpose is None:
        raise Refused(
            "vault.unknown_purpose",
            zh="未登记的查阅目的",
            en="This purpose is not declared.",
            place=Place(field=slug),
            expected=", ".join(known),
            found=repr(slug),
            remedy_zh="在 purposes.yaml 中登记目的及法律依据",
            remedy_en="declare it with its legal basis in purposes.yaml",
        )
    if not fields <= purpose.fields or not purpose.admits(viewer, subject):
        raise Refused(
            "vault.purpose_refused",
            zh=f"“{purpose.zh}”不允许这样查阅",
            en=f"The purpose “{purpose.en}” does not allow this read.",
            place=Place(field=slug),
            expected=f"fields {', '.join(sorted(purpose.fields))}; roles {', '.join(sorted(purpose.roles))}",
            expected_zh=f"信息 {_listed(purpose.fields)}；权限 {_listed(purpose.roles)}",
            found=f"fields {', '.join(sorted(fields))} by {viewer.actor}",
            found_zh=f"{viewer.actor} 查阅 {_listed(fields)}",
            remedy_zh="选择符合工作内容的目的，或请管理员授权",
            remedy_en="name the purpose that fits the task, or ask an administrator for the role",
        )
    return purpose


def _listed(names: Iterable[str]) -> str:
    return "、".join(f"`{name}`" for name in sorted(names))


@lru_cache(maxsize=8)
def _loaded(path: Path, _changed_ns: int) -> dict[str, Purpose]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise _malformed(path, "YAML", str(error).replace("\n", " ")) from None
    if not isinstance(document, dict) or not document:
        raise _malformed(path, "a mapping of purposes", type(document).__name__)
    return {slug: _purpose(path, str(slug), body) for slug, body in document.items()}


def _purpose(path: Path, slug: str, body: Any) -> Purpose:
    try:
        basis = body["legal_basis"]
        texts = [body["zh"], body["en"], basis["zh"], basis["en"]]
        fields, roles = body["fields"], body["roles"]
    except (KeyError, TypeError):
        raise _malformed(path, "zh, en, legal_basis {zh, en}, fields, roles", slug) from None
    lists_hold_words = all(isinstance(words, list) and words and all(isinstance(word, str) for word in words) for words in (fields, roles))
    if not lists_hold_words or not all(isinstance(text, str) and text.strip() for text in texts):
        raise _malformed(path, "texts in both languages, non-empty lists of fields and roles", slug)
    zh, en, basis_zh, basis_en = texts
    return Purpose(slug, zh, en, basis_zh, basis_en, frozenset(fields), frozenset(roles))
