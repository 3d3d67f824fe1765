"""What the owner of a programme still has to fill in. An empty figure stops publication; an empty field is shown as open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from linli.programmes.declaration import NEVER, OpenField
from linli.rules.declare import Label
from linli.rules.source import Entry, from_plain

STAND_IN = {"boolean": False, "text": "open", "date": NEVER}
SECTIONS = ("parameters", "tables", "scales")
FIELDS = {
    ("item", "code"): Label("事项编码", "item code"),
    ("time_limits", "statutory_working_days"): Label("法定办结时限", "statutory time limit"),
    ("time_limits", "promised_working_days"): Label("承诺办结时限", "promised time limit"),
}

TERMS = {
    "procedure.accept_days": Label("受理时限", "time for acceptance"),
    "procedure.supplement.days": Label("补正期限", "time to hand in what is missing"),
    "public_notice.days": Label("公示期", "how long the notice is shown"),
    "objection.days": Label("提出异议期限", "time to object"),
    "event.claim_within.days": Label("申请期限", "time to apply"),
    "works.cap": Label("每户费用上限", "most for one household"),
}


def open_fields(entry: Entry) -> tuple[OpenField, ...]:
    """Every empty place of a programme file, figures of the rule first."""
    found = [
        OpenField(f"rule.{section}.{name}", _label(item, name), True)
        for section in SECTIONS
        for name, item in _named(entry.value["rule"], section)
        if is_empty(item)
    ]
    for (group, key), label in FIELDS.items():
        if entry.value[group].get(key) is None:
            found.append(OpenField(f"{group}.{key}", label, False))
    if not entry.value["legal_basis"].value:
        found.append(OpenField("legal_basis", Label("设定依据", "legal basis"), False))
    return (*found, *_open_steps(entry), *_open_terms(entry))


def _open_steps(entry: Entry) -> Iterator[OpenField]:
    """Steps without a time of their own; a notice has it elsewhere."""
    procedure = entry.get("procedure")
    for step in procedure.value["steps"].value if procedure is not None else ():
        if step.value["kind"].value != "notice" and step.get("days") is None:
            own = _label(step, str(step.value["id"].value))
            label = Label(f"{own.zh}：时限", f"time for “{own.en}”")
            yield OpenField(f"procedure.steps.{step.value['id'].value}.days", label, False)


def _open_terms(entry: Entry) -> Iterator[OpenField]:
    """Times and codes of the other parts, of those that the file has."""
    for path, label in TERMS.items():
        *outer, key = path.split(".")
        part: Entry | None = entry
        for name in outer:
            part = part.get(name) if part is not None else None
        if part is not None and part.get(key) is None:
            yield OpenField(path, label, False)
    payment = entry.get("payment")
    if payment is not None and payment.value["channel"].value == "yikatong" and payment.get("project_code") is None:
        yield OpenField("payment.project_code", Label("一卡通项目编码", "project code"), False)
    how = payment.get("reckoned") if payment is not None else None
    if payment is not None and how is not None and how.value == "slips" and payment.get("slip_cap") is None:
        yield OpenField("payment.slip_cap", Label("每期单据上限", "most of one period's slip"), False)


def is_empty(declared: Entry) -> bool:
    """Whether a parameter, table or scale has no values, or one of its dated values is blank."""
    values = declared.get("values")
    if values is None or not isinstance(values.value, list) or not values.value:
        return values is None or values.value == []
    content = ("value", "rows", "brackets")
    return any(isinstance(item.value, dict) and not any(item.get(key) for key in content) for item in values.value)


def fill_empty_values(rule: Entry) -> Entry:
    """The rule with empty figures valued on the last day of the calendar only.

    So the rest of a draft is still parsed and checked, while on every real day it says rules.not_in_force.
    """
    content = dict(rule.value)
    for section in SECTIONS:
        listed = rule.get(section)
        if listed is not None and isinstance(listed.value, dict):
            content[section] = replace(listed, value={name: _filled(item, section) for name, item in listed.value.items()})
    return replace(rule, value=content)


def _filled(declared: Entry, section: str) -> Entry:
    if not isinstance(declared.value, dict) or not is_empty(declared):
        return declared
    kind = declared.get("type")
    value: Any = STAND_IN.get(str(kind.value) if kind else "", 0)
    if section == "parameters":
        dated: dict[str, Any] = {"value": value}
    elif section == "tables":
        dated = {"rows": {"0": value}}
    else:
        dated = {"brackets": [{"from": 0, "value": value}]}
    values = from_plain([{"from": NEVER} | dated], file=declared.file, path=f"{declared.path}.values")
    return replace(declared, value={**declared.value, "values": values})


def _named(rule: Entry, section: str) -> Iterator[tuple[str, Entry]]:
    listed = rule.get(section)
    if listed is not None and isinstance(listed.value, dict):
        yield from ((name, item) for name, item in listed.value.items() if isinstance(item.value, dict))


def _label(declared: Entry, name: str) -> Label:
    zh, en = declared.get("zh"), declared.get("en")
    return Label(str(zh.value) if zh else name, str(en.value) if en else name)
