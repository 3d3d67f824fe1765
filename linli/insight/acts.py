"""Writes of forms: kept with their file, what goes where checked cell by cell, each change a version of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from linli import papers
from linli.insight import mapping as mappings
from linli.insight.facts import FORM_ENDED, FORM_SAVED
from linli.insight.models import FORM_KINDS, Form, FormVersion, Template
from linli.kernel import clock
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.trace import act

COUNTY = 6
LARGEST = papers.FORM_LIMITS.file_bytes


@contextmanager
def opened(content: bytes, name: str) -> Iterator[papers.Form]:
    """The template as a form; LinliError where it is no xlsx that can be filled safely."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        path.write_bytes(content)
        with papers.Form(path) as form:
            yield form


def add_form(viewer: Viewer, *, name: str, kind: str, area: str, file_name: str, content: bytes) -> FormVersion:
    """Keep a new form with its template, for an area of a county or more; nothing is mapped yet. Needs officer there."""
    viewer.require("officer", area=area)
    if kind not in FORM_KINDS or len(area) > COUNTY:
        raise ValueError(f"{kind} {area}")
    with opened(content, file_name):
        pass
    with act(viewer) as a:
        form = Form.objects.create(name=name.strip()[:100], kind=kind, area_code=area, made_by=viewer.actor, made_at=clock.now())
        return _add_version(a, form, 1, _template(content), file_name, mappings.empty(kind))


def map_form(viewer: Viewer, *, form: UUID, based_on: int, mapping: Any) -> FormVersion:
    """State what goes where: a new version. Every cell and indicator is checked; refused if somebody else changed the form meanwhile.

    Locks the form.
    """
    return _next(viewer, form, based_on, mapping=mapping)


def renew_form(viewer: Viewer, *, form: UUID, based_on: int, file_name: str, content: bytes) -> FormVersion:
    """Put a new template under the same mapping, which must fit it. Locks the form."""
    return _next(viewer, form, based_on, file_name=file_name, content=content)


def _next(
    viewer: Viewer, uid: UUID, based_on: int, *, mapping: Any = None, file_name: str = "", content: bytes | None = None
) -> FormVersion:
    with act(viewer) as a:
        form = _locked(viewer, uid)
        last = FormVersion.objects.select_related("template").filter(form=form).latest("number")
        if last.number != based_on:
            raise _changed(based_on, last.number)
        stated = last.mapping if mapping is None else mapping
        held = bytes(last.template.content) if content is None else content
        with opened(held, file_name or last.file_name) as opening:
            mappings.check(form.kind, stated, opening)
        template = last.template if content is None else _template(content)
        return _add_version(a, form, last.number + 1, template, file_name or last.file_name, stated)


def end_form(viewer: Viewer, *, form: UUID) -> None:
    """Take a form out of use; its versions stay. Locks the form. A form that has ended stays so."""
    with act(viewer) as a:
        row = _locked(viewer, form)
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        a.record(FORM_ENDED, subject=str(row), payload={}, rows=[row], area=row.area_code)


def _add_version(a: Any, form: Form, number: int, template: Template, file_name: str, mapping: Any) -> FormVersion:
    version = FormVersion.objects.create(
        form=form,
        number=number,
        template=template,
        file_name=Path(file_name).name[:255],
        mapping=mapping,
        made_by=a.viewer.actor,
        made_at=clock.now(),
    )
    payload = {"version": number, "template": template.digest}
    a.record(FORM_SAVED, subject=str(form), payload=payload, rows=[form, version], area=form.area_code)
    return version


def _template(content: bytes) -> Template:
    found, _made = Template.objects.get_or_create(digest=digest(content), defaults={"content": content})
    return found


def _locked(viewer: Viewer, uid: UUID) -> Form:
    form = Form.objects.select_for_update().filter(uid=uid, ended_at__isnull=True).first()
    if form is None:
        raise LinliError("insight.no_form", zh="没有这张报表，或已停用", en="There is no such form, or it has ended.", found=str(uid))
    viewer.require("officer", area=form.area_code)
    return form


def _changed(based_on: int, newest: int) -> LinliError:
    return LinliError(
        "insight.form_changed",
        zh="这张报表刚被别人改过",
        en="Somebody else has just changed this form.",
        place=Place(field="version"),
        expected=str(newest),
        found=str(based_on),
        remedy_zh="重新打开后再改",
        remedy_en="open it again and repeat the change",
    )
