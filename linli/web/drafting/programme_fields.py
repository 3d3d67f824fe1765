"""The fields of a programme file as its forms ask for them: section by section, each the place of one value in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings

from linli.programmes.amounts import A_YEAR
from linli.programmes.declaration import EXEMPTIONS, FORMS, KINDS, SITUATIONS
from linli.programmes.editing import STEP, append, insert, put
from linli.programmes.lines import NO, YES, day_words, same
from linli.programmes.procedure import declaration as procedure
from linli.programmes.telling import FUND_LEVELS, RESULTS
from linli.registers.lists import load_lists
from linli.rules.declare import Label
from linli.rules.source import Entry
from linli.web.drafting import amounts
from linli.web.drafting.parts import PARTS, with_parts
from linli.web.frame import city

EDITED = ("names", "dates", "figures", "conditions", "office", "procedure", "checks", "paying", "papers", "basis")
WHERE_DECLARED = frozenset({"figures", "procedure", "checks", "paying"})
"""Sections asked for only where the file has them."""
NEW = "[+]"
CHINESE, ENGLISH = Label("中文", "Chinese"), Label("英文", "English")
DAY_HINT = Label("例如 2027-01-01", "such as 2027-01-01")
Choices = Mapping[str, Label]


@dataclass(frozen=True, slots=True)
class Spec:
    """One value of the file: its path, words, and how it is written (see editing.put). choices: the codes it may take.

    group: what it belongs to, as the heading of several fields. A path with [+] is a part of an item to be added; begins: the part of the
    file, not there yet, that begins with this field (a key of PARTS).
    """

    path: str
    label: Label
    kind: str = "text"
    group: Label | None = None
    choices: Choices | None = None
    hint: Label | None = None
    long: bool = False
    optional: bool = False
    begins: str = ""

    @property
    def adds(self) -> bool:
        """Whether it is a field of something that isn't in the file yet."""
        return NEW in self.path or bool(self.begins)

    @property
    def name(self) -> str:
        """The name of its input."""
        return self.path.replace(".", "__").replace("[", "-").replace("]", "")


@dataclass(frozen=True, slots=True)
class _Item:
    """A repeated part of the file: where, its title, and what is asked of each item; (key, label, more of Spec)."""

    path: str
    title: Label
    parts: tuple[tuple[str, Label, dict[str, Any]], ...]
    required: tuple[str, ...] = field(default=())


ID: tuple[str, Label, dict[str, Any]] = ("id", Label("代号（小写英文）", "id (lower-case letters)"), {})
WORDS = (("zh", CHINESE, {"long": True}), ("en", ENGLISH, {"long": True}))
SOURCE = (
    ("source.zh", Label("出处（中文）", "source (Chinese)"), {"optional": True}),
    ("source.en", Label("出处（英文）", "source (English)"), {"optional": True}),
)
FIRST = ("from", Label("起始日", "first day"), {"kind": "day", "hint": DAY_HINT})
LAST = ("to", Label("终止日（可不填）", "last day (may be empty)"), {"kind": "day", "optional": True})
VALUE = ("value", Label("数值", "figure"), {"kind": "value"})
AMOUNT = (
    "value",
    Label("金额（元）", "amount (yuan)"),
    {"kind": "money", "hint": Label("最多两位小数，例如 600 或 85.50", "at most two decimals, such as 600 or 85.50")},
)
MATERIALS = _Item(
    "materials",
    Label("材料", "document"),
    (
        *WORDS,
        ("source.zh", Label("谁出具（中文）", "issued by (Chinese)"), {}),
        ("source.en", Label("谁出具（英文）", "issued by (English)"), {}),
        ("form", Label("形式", "form"), {"kind": "choice", "choices": FORMS}),
        ("exempt", Label("能否免交", "waived"), {"kind": "choice", "choices": EXEMPTIONS}),
    ),
)
LAWS = _Item(
    "legal_basis", Label("依据", "legal basis"), (*WORDS, ("article", Label("条款号", "article"), {"kind": "text", "optional": True}))
)
FUNDS = _Item("funds", Label("资金", "fund"), (*WORDS, ("level", Label("级次", "level"), {"kind": "choice", "choices": FUND_LEVELS})))
FORMULA = Label("规则（用信息的代号书写，见规则说明）", "rule (in the names of facts, see the guide to rules)")
CONDITIONS = _Item("rule.conditions", Label("条件", "condition"), (*WORDS, ("when", FORMULA, {"kind": "expression", "long": True})))


STEPS = _Item(
    "procedure.steps",
    Label("步骤", "step"),
    (
        *WORDS,
        ("kind", Label("环节", "kind of step"), {"kind": "choice", "choices": procedure.STEP_KINDS}),
        ("level", Label("层级（不选：县级）", "level (none: county)"), {"kind": "choice", "choices": procedure.LEVELS, "optional": True}),
        (
            "role",
            Label("经办（不选：经办人员）", "done by (none: officer)"),
            {"kind": "choice", "choices": procedure.ROLES, "optional": True},
        ),
        ("days", Label("时限（工作日）", "time (working days)"), {"kind": "number", "optional": True}),
        ("officers", Label("经办人数（不填：一人）", "officers (empty: one)"), {"kind": "number", "optional": True}),
    ),
)


Declared = tuple[str, Label, str, Choices | None]
KEY_CHECKS = _Item("verification.key", Label("重点核查", "key files"), CONDITIONS.parts)
SHARE_HINT = Label("例如 5/100", "such as 5/100")
SHOWN_HINT = Label(
    "文件没有写明的，选好公示时间，天数不填。先公示姓名、乡镇（街道）、类别和金额，要增减在全文里改。",
    "where no document says it, choose when it is shown and leave this empty. Name, township, category and amount are shown at first:"
    " more or fewer are written in the text.",
)
TRUTH = {"true": YES, "false": NO}


def edited(entry: Entry) -> list[str]:
    """The sections that have a form for this file, in order."""
    return [section for section in EDITED if section not in WHERE_DECLARED or specs(entry, section)]


def specs(entry: Entry, section: str) -> list[Spec]:
    """The fields of a section of a file, as far as its shape can be relied on."""
    return list(_SECTIONS[section](entry))


def section_of(path: str) -> str:
    """The section in which a place of the file is edited; "" for what is edited as text only."""
    first, _, rest = path.partition(".")
    if first == "rule":
        return "figures" if rest.startswith(("parameters", "tables", "scales")) else "conditions" if rest else ""
    first = first.partition("[")[0]
    return next((section for section, keys in _KEYS.items() if first in keys), "")


_KEYS = {
    "names": ("zh", "en", "summary", "audience", "benefit", "letter"),
    "dates": ("version", "issued_on", "effective_from", "effective_to", "retroactive"),
    "office": ("item", "time_limits", "result", "place"),
    "procedure": ("procedure",),
    "checks": ("verification", "public_notice"),
    "paying": ("payment", "standing", "objection", "satisfaction"),
    "papers": ("materials",),
    "basis": ("legal_basis", "funds", "reading", "demonstration"),
}


def _words(path: str, label: Label, *, long: bool = True, group: Label | None = None, optional: bool = False) -> Iterator[Spec]:
    for key, language in (("zh", CHINESE), ("en", ENGLISH)):
        words = Label(f"{label.zh}（{language.zh}）", f"{label.en} ({language.en})")
        yield Spec(f"{path}.{key}" if path else key, words, group=group, long=long, optional=optional)


def _names(_entry: Entry) -> Iterator[Spec]:
    yield from _words("", Label("名称", "name"), long=False)
    yield from _words("summary", Label("简介", "summary"))
    yield from _words("audience", Label("谁可以享受", "who it is for"))
    yield from _words("benefit", Label("能得到什么", "what they get"))
    yield from _words("letter", Label("告知信", "letter"))


def _dates(_entry: Entry) -> Iterator[Spec]:
    yield Spec("version", Label("版本号", "version"), hint=Label("例如起始年份", "such as the year it begins"))
    issued = Label("印发日期（来源只写到年、月的，照写）", "issued on (only the year or month, where the source says no more)")
    yield Spec("issued_on", issued, "day", hint=DAY_HINT)
    yield Spec("effective_from", Label("起始日", "first day"), "day", hint=DAY_HINT)
    last = Label("终止日（不填：到下一版开始为止）", "last day (empty: until the next version begins)")
    yield Spec("effective_to", last, "day", optional=True)
    why = Label("早于印发就适用的理由", "why it applies from before it was issued")
    yield from _words("retroactive", why, optional=True)


def _office(_entry: Entry) -> Iterator[Spec]:
    yield Spec("item.body", Label("主办单位", "implementing body"), "choice", choices=city.city().bodies)
    yield Spec("item.kind", Label("事项类型", "kind of matter"), "choice", choices=KINDS)
    yield Spec("item.code", Label("事项编码", "item code"), "code")
    for key, label in (("enquiry", Label("咨询", "enquiries")), ("complaint", Label("投诉", "complaints"))):
        yield Spec(f"item.{key}.phone", Label(f"{label.zh}电话", f"telephone for {label.en}"))
        yield from _words(f"item.{key}", label, long=False)
    days = Label("工作日", "working days")
    yield Spec("time_limits.statutory_working_days", Label("法定办结时限", "statutory time limit"), "number", hint=days)
    yield Spec("time_limits.promised_working_days", Label("承诺办结时限", "promised time limit"), "number", hint=days)
    yield Spec("result.kind", Label("办理结果类型", "kind of result"), "choice", choices=RESULTS)
    yield from _words("result", Label("办理结果", "result"), long=False)
    for key, label in (
        ("eligibility", Label("资格看哪里", "eligibility looks at")),
        ("office", Label("在哪里办", "office")),
        ("payer", Label("哪里出钱", "payer")),
    ):
        yield Spec(f"place.{key}", label, "choice", choices=SITUATIONS)
    yield Spec("place.area", Label("地域代码", "code of the area"))
    yield from _words("place", Label("地域名称", "name of the area"), long=False)


def _procedure(entry: Entry) -> Iterator[Spec]:
    yield from _declared(
        entry,
        ("procedure.accept_days", Label("受理时限（工作日）", "time for acceptance (working days)"), "number", None),
        ("procedure.supplement.days", Label("补正期限（天数）", "time to hand in what is missing (days)"), "number", None),
        ("procedure.late", Label("逾期", "when late"), "choice", procedure.LATE),
        ("procedure.instant.cap", Label("秒批金额上限（元）", "greatest amount approved at once (yuan)"), "money", None),
        ("procedure.instant.fresh_days", Label("秒批信息最久（日）", "greatest age of facts approved on (days)"), "number", None),
        ("procedure.instant.sample", Label("秒批事后抽查", "checked after instant approval"), "share", None),
    )
    if _under(entry, "procedure") is not None:
        yield from _items(entry, STEPS)


_CHECKS: tuple[Declared, ...] = (
    ("verification.every", Label("逐份核查", "every file is checked"), "choice", TRUTH),
    ("verification.random.rate", Label("随机抽查比例", "random sample"), "share", None),
    ("verification.random.strata", Label("抽查分层", "drawn in each"), "choice", procedure.STRATA),
    ("public_notice.days", Label("公示期（天数）", "shown for (days)"), "number", None),
    ("public_notice.unit", Label("公示期单位", "kind of days"), "choice", procedure.DAY_UNITS),
    ("public_notice.place", Label("公示时间", "shown"), "choice", procedure.NOTICE_PLACES),
)


def _checks(entry: Entry) -> Iterator[Spec]:
    yield from _declared(entry, *_CHECKS)
    if _under(entry, "verification.key") is not None:
        yield from _items(entry, KEY_CHECKS)
    if _under(entry, "payment") is not None:
        yield from _beginning(entry, "verification", *_CHECKS)
    if _under(entry, "procedure") is not None:
        yield from _beginning(entry, "public_notice", *_CHECKS)


def _beginning(entry: Entry, top: str, *asked: Declared) -> Iterator[Spec]:
    """The fields of a part that the file doesn't have yet, empty: whoever fills one begins the part."""
    for path, label, kind, choices in asked:
        part = path.rpartition(".")[0]
        if part.partition(".")[0] == top and _under(entry, part) is None:
            group = _adding(PARTS[top].title)
            hint = SHARE_HINT if kind == "share" else SHOWN_HINT if path == "public_notice.days" else None
            written = "value" if kind == "share" else kind
            yield Spec(path, label, written, group=group, choices=choices, hint=hint, optional=True, begins=part)


def _paying(entry: Entry) -> Iterator[Spec]:
    yield from _declared(
        entry,
        ("payment.cycle", Label("发放周期", "paid"), "choice", procedure.CYCLES),
        ("payment.channel", Label("发放方式", "paid through"), "choice", procedure.CHANNELS),
        ("payment.project_code", Label("一卡通项目编码", "project code"), "code", None),
        ("payment.retention.rate", Label("质量保证金", "kept back from the contractor"), "share", None),
        ("payment.retention.days", Label("验收后返还（日）", "released after acceptance (days)"), "number", None),
        ("standing.renews", Label("重新核定", "screened anew"), "choice", {key: procedure.CYCLES[key] for key in A_YEAR}),
        ("standing.prorate", Label("不足一期", "a broken cycle"), "choice", procedure.PRORATES),
        ("objection.days", Label("提出异议期限（天数）", "time to object (days)"), "number", None),
        ("objection.unit", Label("异议期限单位", "kind of days"), "choice", procedure.DAY_UNITS),
    )


def _declared(entry: Entry, *asked: Declared) -> Iterator[Spec]:
    """Those of the fields whose part of the file is there."""
    for path, label, kind, choices in asked:
        if _under(entry, path.rpartition(".")[0]) is not None:
            share = kind == "share"
            yield Spec(path, label, "value" if share else kind, choices=choices, hint=SHARE_HINT if share else None)


def _figures(entry: Entry) -> Iterator[Spec]:
    for section in ("parameters", "tables", "scales"):
        for name, declared in _mapping(_under(entry, f"rule.{section}")):
            base, title = f"rule.{section}.{name}", _title(declared, name)
            values = declared.get("values")
            listed = values.value if values is not None and isinstance(values.value, list) else []
            money = _is_money(declared, "type")
            for index, item in enumerate(listed):
                yield from _period(f"{base}.values[{index}]", item, declared, title)
            if section == "parameters":
                for key, label, more in (FIRST, AMOUNT if money else VALUE, *SOURCE):
                    yield Spec(f"{base}.values{NEW}.{key}", label, group=_adding(title), **more)


def _is_money(declared: Entry, key: str) -> bool:
    kind = declared.get(key)
    return kind is not None and kind.value == "money"


def _period(path: str, item: Entry, declared: Entry, title: Label) -> Iterator[Spec]:
    day = item.get("from")
    first = (day_words(day.value) if isinstance(day.value, date) else same(_raw(day))) if day is not None else None
    group = Label(f"{title.zh}：自{first.zh}起", f"{title.en}: from {first.en}") if first is not None else title
    kind = "money" if _is_money(declared, "type") else "value"
    figure = () if {"rows", "brackets"} & set(item.value) else (AMOUNT if kind == "money" else VALUE,)
    for key, label, more in (FIRST, LAST, *figure, *SOURCE):
        yield Spec(f"{path}.{key}", label, group=group, **more)
    for key, _row in _mapping(item.get("rows")):
        row = dict(city.counties()).get(key, Label(f"{key}：", f"{key}:"))
        yield Spec(f"{path}.rows.{key}", _in_yuan(row, kind), kind, group)
    if "rows" in item.value:
        yield Spec(f"{path}.otherwise", _in_yuan(Label("没有列出的", "any other"), kind), kind, group, optional=True)
    brackets = item.get("brackets")
    for index, _row in enumerate(brackets.value if brackets is not None and isinstance(brackets.value, list) else []):
        start, figure_words = (
            Label(f"第 {index + 1} 档起点", f"start of bracket {index + 1}"),
            Label(f"第 {index + 1} 档数值", f"figure of bracket {index + 1}"),
        )
        begins = "money" if _is_money(declared, "input") else "value"
        yield Spec(f"{path}.brackets[{index}].from", _in_yuan(start, begins), begins, group)
        yield Spec(f"{path}.brackets[{index}].value", _in_yuan(figure_words, kind), kind, group)


def _in_yuan(label: Label, kind: str) -> Label:
    return Label(f"{label.zh}（元）", f"{label.en} (yuan)") if kind == "money" else label


def _conditions(entry: Entry) -> Iterator[Spec]:
    yield from _items(entry, CONDITIONS)
    if _under(entry, "rule.amount") is not None:
        group = Label("金额", "Amount")
        yield Spec("rule.amount", Label("算法", "calculation"), "expression", group, long=True)
        yield Spec("rule.amount_zh", Label("金额名称（中文）", "name of the amount (Chinese)"), group=group)
        yield Spec("rule.amount_en", Label("金额名称（英文）", "name of the amount (English)"), group=group)


def _papers(entry: Entry) -> Iterator[Spec]:
    listed = load_lists(settings.LINLI_CITY)
    lists = {slug: Label(one.zh, one.en) for slug, one in sorted(listed.items())}
    for spec in _items(entry, MATERIALS):
        yield spec
        if spec.path.endswith(".exempt") and NEW not in spec.path:
            more = Label("代替它的名单（可不填）", "list that stands for it (may be empty)")
            yield Spec(f"{spec.path.removesuffix('exempt')}list", more, "choice", spec.group, lists, optional=True)


def _basis(entry: Entry) -> Iterator[Spec]:
    yield from _items(entry, LAWS)
    yield from _items(entry, FUNDS)
    reading = Label("不同理解", "Readings")
    if _under(entry, "reading") is not None:
        for key, label in (
            ("source_text", Label("原文", "words of the source")),
            ("question", Label("有哪些理解", "question")),
            ("chosen", Label("采用的理解", "reading taken")),
        ):
            yield from _words(f"reading.{key}", label, group=reading)
    if _under(entry, "demonstration") is not None:
        yield from _words("demonstration", Label("哪些是演示数值", "which figures are stand-ins"))


_SECTIONS = {
    "names": _names, "dates": _dates, "office": _office, "figures": _figures, "conditions": _conditions, "papers": _papers, "basis": _basis,
    "procedure": _procedure, "checks": _checks, "paying": _paying,
}  # fmt: skip


def _items(entry: Entry, kind: _Item) -> Iterator[Spec]:
    """Every item of a list, then an empty one to add."""
    listed = _under(entry, kind.path)
    for index, item in enumerate(listed.value if listed is not None and isinstance(listed.value, list) else []):
        title = _title(item, "")
        group = Label(f"{kind.title.zh}：{title.zh}", f"{kind.title.en}: {title.en}")
        for key, label, more in kind.parts:
            yield Spec(f"{kind.path}[{index}].{key}", label, group=group, **more)
    for key, label, more in (ID, *kind.parts):
        yield Spec(f"{kind.path}{NEW}.{key}", label, group=_adding(kind.title), **{**more, "optional": True})


def _adding(title: Label) -> Label:
    return Label(f"加一条：{title.zh}", f"Add: {title.en}")


def _title(declared: Entry, name: str) -> Label:
    zh, en = declared.get("zh"), declared.get("en")
    return Label(str(zh.value) if zh else name, str(en.value) if en else name)


def _under(entry: Entry, path: str) -> Entry | None:
    """The entry at a path such as materials[0].zh, or None; what is written with nothing behind it counts as absent."""
    for name, index in STEP.findall(path):
        inner = entry.value
        if name and isinstance(inner, dict) and name in inner:
            entry = inner[name]
        elif index and isinstance(inner, list) and int(index) < len(inner):
            entry = inner[int(index)]
        else:
            return None
    return None if entry.value is None else entry


def _mapping(entry: Entry | None) -> Iterator[tuple[str, Entry]]:
    if entry is not None and isinstance(entry.value, dict):
        yield from entry.value.items()


def _raw(entry: Entry) -> str:
    return " ".join((entry.raw or str(entry.value)).split())


def values_of(entry: Entry, asked: list[Spec]) -> dict[str, str]:
    """What the file says at each of the places, as text; "" where there is nothing."""
    found = {}
    for spec in asked:
        place = _under(entry, spec.path) if NEW not in spec.path else None
        raw = _raw(place) if place is not None and not isinstance(place.value, dict | list) else ""
        found[spec.path] = amounts.shown(raw) if spec.kind == "money" else raw
    return found


def written(text: str, entry: Entry, changed: Mapping[str, str], asked: list[Spec]) -> str:
    """The file's text with the changed values written in, then the items that are new. entry: of that text."""
    by_path = {spec.path: spec for spec in asked}
    added: dict[str, dict[str, Any]] = {}
    begun: dict[str, dict[str, Any]] = {}
    for path, value in changed.items():
        spec = by_path[path]
        if spec.begins:
            begun.setdefault(spec.begins, {})[path.rpartition(".")[2]] = (value, spec.kind)
        elif NEW in path:
            base, _, key = path.partition(f"{NEW}.")
            told = amounts.written(value, "") if spec.kind == "money" else value
            added.setdefault(base, {})[key] = told if spec.kind == "text" else (told, "value" if spec.kind == "money" else spec.kind)
        elif spec.kind == "money":
            here = _under(entry, path)
            text = put(text, path, amounts.written(value, _raw(here) if here is not None else ""), "value")
        else:
            text = _changed(text, entry, spec, value, changed)
    for base, item in added.items():
        text = append(text, base, _nested(item))
    return with_parts(text, begun, lambda path: _under(entry, path) is not None)


def _changed(text: str, entry: Entry, spec: Spec, value: str, changed: Mapping[str, str]) -> str:
    parent, _, key = spec.path.rpartition(".")
    if parent and key in ("zh", "en") and _under(entry, parent) is None:
        if key == "en" and f"{parent}.zh" in changed:
            return text  # written together with the Chinese
        return insert(text, parent, {"zh": changed.get(f"{parent}.zh", ""), "en": changed.get(f"{parent}.en", "")})
    return put(text, spec.path, value, "choice" if spec.kind == "code" and not value else spec.kind if spec.kind != "code" else "text")


def _nested(item: Mapping[str, Any]) -> dict[str, Any]:
    """source.zh and source.en as one mapping; what was left empty is left out."""
    found: dict[str, Any] = {}
    for key, value in item.items():
        if (value[0] if isinstance(value, tuple) else value).strip():
            outer, _, inner = key.partition(".")
            if inner:
                found.setdefault(outer, {})[inner] = value
            else:
                found[outer] = value
    return found


def place_in(entry: Entry | None, place: str) -> str:
    """A fault's place as the path of a value: ids of list items become their indexes, a character inside a text is left out."""
    place = place.partition(",")[0]
    if entry is None:
        return place
    path = ""
    for name, index in STEP.findall(place):
        if name and isinstance(entry.value, list):
            found = next((at for at, item in enumerate(entry.value) if (own := item.get("id")) is not None and own.value == name), None)
            name, index = ("", str(found)) if found is not None else (name, "")
        step = f"[{index}]" if index else f".{name}" if path else name
        following = _under(entry, step.lstrip("."))
        path += step
        if following is None:
            break
        entry = following
    return path
