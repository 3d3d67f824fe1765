"""Public draws: anybody has one recomputed here, by its file or its text, with the words that `linli draw verify` says too."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from linli.batches.models import Draw as Held
from linli.batches.models import PublicOutcome, Secret
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.programmes.naming import naming
from linli.registers.models import Staff
from linli.rules.declare import Label
from linli.sampling import Draw, Verification, read_draw, verify
from linli.web.frame.city import city, counties
from linli.web.templatetags.texts import chinese, words

LARGEST = 8 * 2**20
"""Of a file on this page, in bytes: about 40,000 items, and less than a second of work. The command takes eight times that."""
LONGEST_TEXT = 1_000_000
DIGEST_LENGTH = 80
_one_at_a_time = threading.Lock()


class DrawForm(forms.Form):
    """A draw's file, or its text, and the digest that was published when its list was frozen."""

    file = forms.FileField(
        label=gettext_lazy("抽取文件"), help_text=gettext_lazy("公布的 .json 文件，最大 8 MB"), required=False, max_length=200
    )
    text = forms.CharField(
        label=gettext_lazy("或者把文件内容粘贴在这里"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    published = forms.CharField(
        label=gettext_lazy("冻结名单时公布的摘要（可不填）"),
        help_text=gettext_lazy("以 sha256: 或 sm3: 开头。填了才能证明名单在公布秘密之前就已定下。"),
        required=False,
        max_length=DIGEST_LENGTH,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_file(self) -> Any:
        """The file, unless it is more than this page takes."""
        file = self.cleaned_data["file"]
        if file is not None and file.size > LARGEST:
            raise ValidationError(_("文件超过 8 MB。请下载本软件，用命令 linli draw verify 核验。"))
        return file

    def clean(self) -> dict[str, Any]:
        """One of file and text."""
        told = super().clean() or self.cleaned_data
        if not self.errors and not told.get("file") and not told.get("text", "").strip():
            self.add_error("file", ValidationError(_("请选择抽取文件，或粘贴文件内容"), code="missing"))
        return told

    def content(self) -> bytes:
        """What was given, as bytes."""
        file = self.cleaned_data["file"]
        given: bytes = file.read() if file else self.cleaned_data["text"].encode()
        return given


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A draw and what its recomputation came to. published: whether the digest published at the freeze was compared."""

    draw: Draw
    verification: Verification
    published: bool

    @property
    def lines(self) -> list[tuple[bool, str, str]]:
        """Each step: whether it holds, what it is, why it does not."""
        language = "zh" if chinese() else "en"
        departments = [one.department for one in self.draw.frozen.plan.commitments]
        return [
            (
                check.problem is None,
                _in_words(check.zh if language == "zh" else check.en, departments),
                check.problem.text(language) if check.problem else "",
            )
            for check in self.verification.checks
        ]


_COUNTY = re.compile(r"(?<![0-9A-Za-z])\d{6}(?![0-9A-Za-z])")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _in_words(text: str, departments: Sequence[str]) -> str:
    """A step as a reader of the page has it: counties and departments by name, moments in Chinese time. The file keeps its codes."""
    names = {code: words(label) for code, label in counties()}
    text = _COUNTY.sub(lambda found: names.get(found[0], found[0]), text)
    text = _MOMENT.sub(lambda found: f"{datetime.fromisoformat(found[0]).astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}", text)
    for one in departments:
        text = re.sub(rf"(?<![\w-]){re.escape(one)} (?=\d{{4}}-)", f"{department_words(one)} ", text)
    return text


def department_words(key: str) -> str:
    """A department as city.yaml names it; as it was entered where that has no such key."""
    body = city().bodies.get(key)
    return words(body) if body is not None else key


def recomputed(data: bytes, published: str = "", name: str = "draw.json") -> Recomputed:
    """The draw of a file with every step computed anew; one at a time in a process. Raises LinliError for what is no draw file."""
    with _one_at_a_time:
        draw = read_draw(data, file=name)
        return Recomputed(draw, verify(draw, published=published.strip() or None, file=name), bool(published.strip()))


@never_cache
def verify_page(request: HttpRequest) -> HttpResponse:
    """Give a draw's file and see every step of it computed anew. Nothing that is given here is kept."""
    form = DrawForm(request.POST, request.FILES) if request.method == "POST" else DrawForm()
    found = None
    if request.method == "POST" and form.is_valid():
        try:
            found = recomputed(form.content(), form.cleaned_data["published"])
        except LinliError as problem:
            form.add_error("file" if form.cleaned_data["file"] else "text", ValidationError(problem.text("zh" if chinese() else "en")))
    return render(request, "public/draw_verify.html", {"form": form, "found": found})


def listing(request: HttpRequest) -> HttpResponse:
    """The city's draws, newest first, void ones too."""
    named = Held.objects.annotate(programme=F("batch__programme"), period=F("batch__period")).order_by("-id")
    rows = [(one, _label(one.programme), one.period, _titled(one)) for one in named.exclude(state="committing").defer("document")[:100]]
    held = named.filter(state="committing").prefetch_related("secrets")[:20]
    coming = [(one, _label(one.programme), one.period, _committed(list(one.secrets.all()))) for one in held]
    return render(request, "public/draws.html", {"rows": rows, "coming": coming})


def _committed(secrets: Sequence[Secret]) -> list[tuple[Secret, str, str]]:
    """Each commitment with its department and the organisation of the officer who published it, "" where none is known. One query."""
    uids = [one.committed_by.removeprefix("staff:") for one in secrets if one.committed_by.startswith("staff:")]
    known = Staff.objects.filter(uid__in=uids).values_list("uid", "organisation__name") if uids else ()
    names = {f"staff:{uid}": name or "" for uid, name in known}
    return [(one, department_words(one.department), names.get(one.committed_by, "")) for one in secrets]


def _label(programme: str) -> Label:
    """The programme's name, its slug where its file is gone."""
    return naming(Path(settings.LINLI_CITY))("holds", programme) or Label(programme, programme)


def _titled(held: Held) -> tuple[str, str, str]:
    """Kind of tag, sign and words of a draw's state."""
    return {
        "frozen": ("note", "clock", _("名单已冻结，等公布秘密")),
        "drawn": ("good", "tick", _("已抽取")),
        "void": ("not", "dash", _("已作废")),
    }[held.state]


def one(request: HttpRequest, code: str) -> HttpResponse:
    """One draw of the city: its file, and every step of it computed anew."""
    held = _held(code)
    found = _recomputed(held.document, held.digest) if held.document else None
    return render(request, "public/draw.html", {"held": held, "found": found, "state": _titled(held), "outcome": outcome_of(held)})


@dataclass(frozen=True, slots=True)
class Entered:
    """The numbers of a public draw in words, as they were entered."""

    row: PublicOutcome
    numbers: str


def outcome_of(held: Held) -> Entered | None:
    """What was entered of the public draw that stands for a secret, and not dropped. One query where one is named."""
    row = held.outcomes.exclude(state="dropped").first() if held.public_draw is not None else None
    return Entered(row, " + ".join(" ".join(map(str, group)) for group in row.numbers)) if row else None


@lru_cache(maxsize=16)
def _recomputed(document: str, digest: str) -> Recomputed:
    """A file that stands here is computed anew once in a process: neither it nor the answer changes."""
    return recomputed(document.encode(), digest)


def file(request: HttpRequest, code: str) -> HttpResponse:
    """A draw's file, as it is published."""
    held = _held(code)
    if not held.document:
        raise Http404
    name = f'attachment; filename="{held.code}.json"'
    return HttpResponse(held.document, content_type="application/json", headers={"Content-Disposition": name})


def _held(code: str) -> Held:
    found = Held.objects.filter(code=code).exclude(state="committing").first()
    if found is None:
        raise Http404
    return found
