"""A programme's draft on its pages: forms that write its file, faults beside their fields, two editors at once, how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.programmes import queries
from linli.programmes.catalogue import Catalogue, survey
from linli.programmes.declaration import Programme
from linli.programmes.differing import Part, compare
from linli.programmes.drafting import EXAMPLES, draft_findings, entry_of, read_draft, tried
from linli.programmes.examples import Tried
from linli.programmes.finding import Finding
from linli.programmes.models import Draft, DraftRevision
from linli.programmes.naming import naming
from linli.programmes.telling import SECTIONS
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.rules.source import Entry
from linli.screening.models import Preview
from linli.screening.previewing import outdated
from linli.screening.queries import preview_of
from linli.web.drafting import amounts
from linli.web.drafting import programme_fields as fields
from linli.web.frame.counted import counted
from linli.web.templatetags.texts import chinese, words


def files() -> Catalogue:
    """The city's programme files, those with faults left out."""
    return survey(settings.LINLI_CITY).catalogue


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding for the page: its words, whether it blocks, where it is mended (address, "" for nowhere) and its line."""

    words: str
    blocks: bool
    section: str
    path: str
    address: str
    line: int | None
    file: str


def fault_words(error: LinliError) -> str:
    """What is wrong, what was expected and found, and what to do next, in the reader's language."""
    zh = chinese()
    parts = [error.zh if zh else error.en]
    expected, found = error.facing("zh" if zh else "en")
    differs = error.code == "programmes.example_differs"
    if expected:
        parts.append((_("示例写的是：%(words)s") if differs else _("应为：%(words)s")) % {"words": expected})
    if found:
        parts.append((_("按规则算出的是：%(words)s") if differs else _("现在是：%(words)s")) % {"words": found})
    remedy = error.remedy_zh if zh else error.remedy_en
    said = [part.rstrip("。.") for part in [*parts, remedy] if part]
    return "。".join(said) if zh else ". ".join(part[:1].upper() + part[1:] for part in said)


def faults(draft: Draft, found: Sequence[Finding], entry: Entry | None) -> list[Fault]:
    """The findings with the page on which each is mended."""
    return [_fault(draft, finding, entry) for finding in found]


def _fault(draft: Draft, finding: Finding, entry: Entry | None) -> Fault:
    place = finding.error.place
    file = EXAMPLES if place and place.file and place.file.endswith(EXAMPLES) else ""
    path = fields.place_in(entry, place.field) if place and place.field and not file else ""
    section = "examples" if file or finding.error.code == "programmes.too_few_examples" else fields.section_of(path) if entry else ""
    if section == "examples":
        address = reverse("programmes:examples", args=[draft.uid])
    elif section:
        address = reverse("programmes:section", args=[draft.uid, section])
    else:
        address = reverse("programmes:text", args=[draft.uid])
    line = place.line if place else None
    return Fault(fault_words(finding.error), finding.blocks, section, path, address, line, file)


class SectionForm(forms.Form):
    """The fields of one section, filled with what the file says. What is typed is kept as typed: the check says what is wrong with it."""

    revision = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, asked: Sequence[fields.Spec], values: Mapping[str, str], revision: int) -> None:
        super().__init__({"revision": revision, **{spec.name: values[spec.path] for spec in asked}})
        self.asked = list(asked)
        for spec in asked:
            self.fields[spec.name] = _field(spec, values[spec.path])

    def groups(self) -> list[tuple[Label | None, bool, list[forms.BoundField]]]:
        """The fields under their headings; whether a heading is an item to add."""
        found: list[tuple[Label | None, bool, list[forms.BoundField]]] = []
        for spec in self.asked:
            if not found or found[-1][0] != spec.group:
                found.append((spec.group, spec.adds, []))
            found[-1][2].append(self[spec.name])
        return found

    def show(self, found: Sequence[Fault]) -> None:
        """Each fault of the section beside its field, or above all where it belongs to none."""
        self.is_valid()
        for fault in found:
            if fault.blocks:
                self.add_error(self._nearest(fault.path), fault.words)

    def _nearest(self, path: str) -> str | None:
        inside = [spec for spec in self.asked if not spec.adds and spec.path.startswith((f"{path}.", f"{path}["))]
        exact = [spec for spec in self.asked if spec.path == path or path.startswith(f"{spec.path}.")]
        return next((spec.name for spec in (*exact, *inside)), None)


def _field(spec: fields.Spec, value: str) -> forms.Field:
    more: dict[str, Any] = {"label": words(spec.label), "required": False, "help_text": words(spec.hint) if spec.hint else ""}
    if spec.choices is not None:
        choices = [(code, words(label)) for code, label in spec.choices.items()]
        if value not in spec.choices:
            choices.insert(0, (value, value or "–"))
        elif spec.optional:
            choices.insert(0, ("", "–"))
        return forms.ChoiceField(choices=choices, **more)
    if spec.kind == "money":
        shown = {"autocomplete": "off", "class": "input-short", "inputmode": "decimal"}
        return forms.CharField(widget=forms.TextInput(attrs=shown), **more)
    if spec.kind in ("day", "number", "value"):
        return forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input-short"}), **more)
    rows = 4 if spec.kind == "expression" else 2 if spec.long else 1
    box = {"rows": rows, "spellcheck": "false", "class": "input-grow", **_tongue(spec)}
    return forms.CharField(widget=forms.Textarea(attrs=box), **more)


def _tongue(spec: fields.Spec) -> dict[str, str]:
    """The language to declare for what is typed: of a text its own, of a formula none."""
    if spec.kind == "expression":
        return {"lang": "zxx"}
    return {"lang": "en"} if spec.path.endswith("en") else {"lang": "zh-CN"} if spec.path.endswith("zh") else {}


@dataclass(frozen=True, slots=True)
class Merged:
    """What a posted section makes of the draft. text: None where both editors changed the same field to different values.

    typed: the values to show; clashes: by path, what the other editor wrote; others: whether somebody else had saved since;
    refused: by path, why what was typed can't be written (an amount that is no amount).
    """

    text: str | None
    typed: dict[str, str]
    clashes: dict[str, str]
    others: bool
    refused: Mapping[str, str] = field(default_factory=dict)


def merge(draft: Draft, section: str, posted: QueryDict) -> Merged:
    """What was changed on the page laid over the draft as it is now: the other editor's changes to other fields stay. One query."""
    now = entry_of(draft.text)
    if now is None:
        return Merged(None, {}, {}, True)
    asked = fields.specs(now, section)
    current = fields.values_of(now, asked)
    seen = _revision(draft, posted.get("revision", ""))
    base = current if seen is None else _values(seen.text, section, current)
    typed = {spec.path: " ".join(posted.get(spec.name, base.get(spec.path, "")).split()) for spec in asked}
    changed = changes_in(typed, base, asked)
    clashes = {path: current[path] for path, value in changed.items() if current[path] != base.get(path, "") and current[path] != value}
    shown = {**current, **changed}
    others = seen is not None and seen.number != draft.revision
    refused = refused_amounts(changed, asked)
    if clashes or refused:
        return Merged(None, shown, clashes, others, refused)
    return Merged(fields.written(draft.text, now, changed, asked), shown, {}, others)


def changes_in(typed: Mapping[str, str], base: Mapping[str, str], asked: Sequence[fields.Spec]) -> dict[str, str]:
    """What was typed, by path, as far as it says something else than the base: one amount may be written in several ways."""
    money = {spec.path for spec in asked if spec.kind == "money"}
    return {
        path: value
        for path, value in typed.items()
        if value != base.get(path, "") and not (path in money and amounts.same(value, base.get(path, "")))
    }


def refused_amounts(changed: Mapping[str, str], asked: Sequence[fields.Spec]) -> dict[str, str]:
    """By path, why what was typed is no amount."""
    found = {}
    for path in [spec.path for spec in asked if spec.kind == "money" and spec.path in changed]:
        try:
            amounts.written(changed[path], "")
        except LinliError as error:
            found[path] = fault_words(error)
    return found


def _revision(draft: Draft, number: str) -> DraftRevision | None:
    return DraftRevision.objects.filter(draft=draft, number=int(number)).first() if number.isdecimal() and len(number) < 9 else None


def _values(text: str, section: str, current: Mapping[str, str]) -> dict[str, str]:
    entry = entry_of(text)
    return dict(current) if entry is None else fields.values_of(entry, fields.specs(entry, section))


@dataclass(frozen=True, slots=True)
class Task:
    """One part of a draft on its page. kind and sign: of the tag; words: how far it is."""

    title: str
    address: str
    kind: str
    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a draft is: its programme as far as it can be read, everything found, its examples and its preview."""

    draft: Draft
    programme: Programme | None
    base: Programme | None
    faults: tuple[Fault, ...]
    examples: tuple[Tried, ...]
    preview: Preview | None
    outdated: str
    confirmed: str

    @property
    def blocks(self) -> list[Fault]:
        """What speaks against handing it in."""
        return [fault for fault in self.faults if fault.blocks]

    @property
    def remarks(self) -> list[Fault]:
        """What a reader should know."""
        return [fault for fault in self.faults if not fault.blocks]

    @property
    def agreeing(self) -> int:
        """How many examples say the same as the rule."""
        return sum(not one.differences for one in self.examples)


def standing(draft: Draft) -> Standing:
    """Everything the pages of a draft show of it. At most six queries; runs its examples."""
    shelf = files()
    published = queries.published_programmes(draft.slug)
    read = read_draft(draft, shelf)
    whole = read.programme if read.programme is not None and not read.faults else None
    found = faults(draft, draft_findings(draft, shelf, published), entry_of(draft.text))
    preview = preview_of(draft.uid, whole.digest) if whole is not None else None
    confirmation = queries.confirmation(whole) if whole is not None and whole.reading is not None else None
    return Standing(
        draft,
        whole,
        queries.base_of(draft, published),
        tuple(found),
        tried(draft, shelf),
        preview,
        outdated(preview) if preview is not None and draft.state in ("editing", "submitted") else "",
        confirmation.confirmed_by if confirmation else "",
    )


def tasks(one: Standing) -> list[Task]:
    """The parts of a draft with how far each is."""
    entry = entry_of(one.draft.text)
    found = [_section_task(one, section) for section in fields.edited(entry)] if entry is not None else []
    against = [fault for fault in one.blocks if not fault.section]
    text = reverse("programmes:text", args=[one.draft.uid])
    found.append(_task(_("全文"), text, len(against)))
    examples = reverse("programmes:examples", args=[one.draft.uid])
    wrong = sum(fault.section == "examples" for fault in one.blocks)
    if wrong or not one.examples:
        found.append(_task(_("示例"), examples, wrong))
    else:
        told = counted("%(number)s 个示例全部相符", number=len(one.examples))
        found.append(Task(_("示例"), examples, "good", "tick", told))
    return found


def _section_task(one: Standing, section: str) -> Task:
    wrong = sum(fault.section == section for fault in one.blocks)
    return _task(words(SECTIONS[section]), reverse("programmes:section", args=[one.draft.uid, section]), wrong)


def _task(title: str, address: str, wrong: int) -> Task:
    if wrong:
        return Task(title, address, "bad", "warning", _("%(number)s 处要改") % {"number": wrong})
    return Task(title, address, "good", "tick", _("没有问题"))


def difference(one: Standing) -> list[Part]:
    """What the draft changes, section by section; empty while it can't be read."""
    if one.programme is None:
        return []
    city = settings.LINLI_CITY
    return compare(one.base, one.programme, naming(city), files().city.bodies)


def changes(parts: Sequence[Part]) -> int:
    """How many fields differ."""
    return sum(len(part.changed) for part in parts)


def may_write(viewer: Viewer, slug: str) -> bool:
    """Whether the viewer may write and publish versions of a programme."""
    return viewer.may("officer", programme=slug)


def writes_some(viewer: Viewer) -> bool:
    """Whether the viewer may write versions of at least one programme."""
    return viewer.all_seeing or any(grant.role == "officer" and not grant.area for grant in viewer.grants)


def saver(draft: Draft) -> str:
    """Who saved a draft last, by name. One query."""
    return names_of({draft.saved_by}).get(draft.saved_by, _("系统"))


class TextForm(forms.Form):
    """A whole file as text."""

    text = forms.CharField(
        label=gettext_lazy("文件内容"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 30, "class": "input-grow input-code", "lang": "zxx", "spellcheck": "false", "autocapitalize": "off"}
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput())

    def written(self) -> str:
        """The text with the line ends that files have."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")
