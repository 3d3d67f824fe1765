"""Reads a programme file: YAML with places, its published schema, then what no schema can say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from linli.kernel.digests import digest_of
from linli.kernel.errors import LinliError, Place, Problems
from linli.programmes import declaration as declare
from linli.programmes.breaches import absent, breach
from linli.programmes.declaration import Programme
from linli.programmes.faults import contradiction
from linli.programmes.openness import fill_empty_values, open_fields
from linli.programmes.particulars.checking import CHECKS as PARTICULAR_CHECKS
from linli.programmes.particulars.checking import unknown_particular_facts
from linli.programmes.particulars.reading import PARTS as PARTICULARS
from linli.programmes.particulars.reading import facts_of_particulars, read_particulars
from linli.programmes.place import CONDITION, place_condition
from linli.programmes.procedure import Payment
from linli.programmes.procedure.checking import CHECKS, unknown_facts
from linli.programmes.procedure.reading import facts_named, key_rule, read_parts
from linli.rules import Rule, load_rule
from linli.rules.declare import Label, missing
from linli.rules.source import Entry, from_plain, parse_yaml, read_yaml

FOLDER = "programmes"
SCHEMAS = Path(__file__).with_name("schema")
Vocabulary = Mapping[str, Any]


def load_programme(path: str | Path, vocabulary: Vocabulary | None = None) -> Programme:
    """The programme version in the file, checked.

    vocabulary: fact declarations by name; left out, those of the city folder in whose programmes/ the file lies, else none.
    Raises Problems with every fault found, each with file, line, column and remedy.
    """
    file = Path(path)
    folder = file.resolve().parent
    if vocabulary is None:
        vocabulary = city_vocabulary(folder.parent.parent) if folder.parent.name == FOLDER else {}
    return _whole(read_file(file, vocabulary))


def parse_programme(data: bytes, vocabulary: Vocabulary, *, file: str | None = None) -> Programme:
    """The same for a file's content: a draft being edited, or the stored text of a published version."""
    return _whole(read_content(data, vocabulary, file=file))


@dataclass(frozen=True, slots=True)
class ReadFile:
    """All that is wrong with a file, and as much of the programme as can be read all the same.

    programme: where the rule is at fault, with a rule of the place of eligibility alone; None where the format is broken.
    """

    faults: tuple[LinliError, ...]
    programme: Programme | None


def _whole(read: ReadFile) -> Programme:
    if read.faults or read.programme is None:
        raise Problems(list(read.faults))
    return read.programme


def read_file(file: Path, vocabulary: Vocabulary) -> ReadFile:
    """A programme file with its faults; in a city's folder the folder's name must be the slug. Raises Problems where there is no file."""
    read = read_content(_bytes(file), vocabulary, file=str(file))
    folder = file.resolve().parent
    if read.programme is None or folder.parent.name != FOLDER or folder.name == read.programme.slug:
        return read
    return replace(read, faults=(*read.faults, _wrong_folder(file, read.programme.slug)))


def read_content(data: bytes, vocabulary: Vocabulary, *, file: str | None = None) -> ReadFile:
    """Format, contradictions and rule, each looked at as far as the others leave it readable, so that all faults come in one go."""
    try:
        entry = parse_yaml(data, file=file)
    except LinliError as error:
        return ReadFile((error,), None)
    breaches, broken = _breaches(entry, "programme")
    if not isinstance(entry.value, dict):
        return ReadFile(tuple(breaches), None)
    crossed = [fault for keys, check in _CONTRADICTIONS if not broken & keys for fault in check(entry)]
    rule, faulty = None, list[LinliError]()
    if not broken & {"subject", "rule"} and not list(_two_subjects(entry)):
        rule, faulty = _attempted(lambda: _rule(entry, vocabulary, placed="place" not in broken))
    key = None
    if not broken & {"subject", "rule", "verification"}:
        key, wrong = _attempted(lambda: _key_rule(entry, vocabulary))
        faulty += [fault for fault in wrong if (fault.code, fault.place) not in {(one.code, one.place) for one in faulty}]
    if rule is not None and not broken & {"materials", "standing"}:
        faulty += unknown_facts(entry, rule)
    if rule is not None and not broken & set(PARTICULARS):
        faulty += unknown_particular_facts(entry, rule)
    faults = (*breaches, *crossed, *faulty)
    if breaches:
        return ReadFile(faults, None)
    if rule is None:
        rule, _ = _attempted(lambda: _bare_rule(entry, vocabulary))
    return ReadFile(faults, None if rule is None else _with_facts(entry, rule, key, vocabulary, (data.decode("utf-8-sig"), file)))


T = TypeVar("T")


def _attempted(load: Callable[[], T]) -> tuple[T | None, list[LinliError]]:
    try:
        return load(), []
    except Problems as several:
        return None, several.problems


def _with_facts(entry: Entry, rule: Rule, key: Rule | None, vocabulary: Vocabulary, source: tuple[str, str | None]) -> Programme:
    used = facts_named(entry).union(
        facts_of_particulars(entry),
        *(one.facts_used | one.household_facts_used | one.family_facts_used for one in (rule, key) if one is not None),
    )
    facts = {name: vocabulary[name] for name in sorted(used & vocabulary.keys())}
    return _programme(entry, rule, key, facts, source)


def city_vocabulary(city: Path) -> Vocabulary:
    """The facts that the city's registers give to rules."""
    from linli.registers.lists import vocabulary  # only needed where no vocabulary is handed in

    return vocabulary(city)


def check_schema(entry: Entry, name: str) -> None:
    """Raises Problems with every breach of linli/programmes/schema/<name>.schema.json."""
    breaches, _ = _breaches(entry, name)
    if breaches:
        raise Problems(breaches)


def _breaches(entry: Entry, name: str) -> tuple[list[LinliError], set[str]]:
    """Every breach of the schema, and the keys of the file that can't be relied on for it."""
    errors = sorted(_validator(name).iter_errors(_json(entry)), key=lambda error: list(map(str, error.absolute_path)))
    broken: set[str] = set()
    for error in errors:
        if error.absolute_path:
            broken.add(str(error.absolute_path[0]))
        elif error.validator == "required":
            broken |= set(error.validator_value) - set(error.instance)
    return [_breach(entry, error) for error in errors], broken


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")))


def _json(entry: Entry) -> Any:
    """The entry as JSON would carry it: dates as text. Decimals are numbers to the validator already."""
    if isinstance(entry.value, dict):
        return {key: _json(item) for key, item in entry.value.items()}
    if isinstance(entry.value, list):
        return [_json(item) for item in entry.value]
    return entry.value.isoformat() if isinstance(entry.value, date) else entry.value


def at(entry: Entry, path: list[str | int]) -> Entry:
    """The entry at a path of keys and indexes; the nearest one above where the path leads nowhere."""
    for step in path:
        inner = entry.value
        if isinstance(inner, dict) and step in inner:
            entry = inner[str(step)]
        elif isinstance(inner, list) and isinstance(step, int) and step < len(inner):
            entry = inner[step]
        else:
            break
    return entry


def _breach(entry: Entry, error: ValidationError) -> LinliError:
    steps = list(error.absolute_path)
    where, example = at(entry, steps), _example_at(entry, steps)
    if error.validator == "required":
        keys: Any = error.validator_value
        key = next(key for key in keys if error.message.startswith(repr(key)))
        return missing(where, key, "programmes.schema") if example is None else absent(where, key, example)
    return breach(where, error, example)


def _example_at(entry: Entry, steps: list[str | int]) -> Label | None:
    """The name of the example that a path leads into, its number where it has none; None outside of examples."""
    if steps[:1] != ["examples"] or len(steps) < 2:
        return None
    number = int(steps[1]) + 1
    zh, en = (at(entry, steps[:2]).get(key) for key in ("zh", "en"))
    return Label(str(zh.value) if zh else f"第 {number} 个", str(en.value) if en else f"number {number}")


def _crossed_days(entry: Entry) -> Iterator[LinliError]:
    first, last = _day(entry, "effective_from"), _day(entry, "effective_to")
    if first and last and last < first:
        yield contradiction(entry.value["effective_to"], "终止日早于起始日", "It ends before it begins.", f"≥ {first}", str(last))


def _two_subjects(entry: Entry) -> Iterator[LinliError]:
    subject, of_rule = entry.value["subject"], entry.value["rule"].get("subject")
    if of_rule is None or of_rule.value != subject.value:
        found = str(of_rule.value) if of_rule else ("没有写", "nothing")
        words = "规则的对象与事项不一致", "The rule's subject is not the programme's."
        yield contradiction(entry.value["rule"], *words, str(subject.value), found)


def _no_household_kind(entry: Entry) -> Iterator[LinliError]:
    if entry.value["subject"].value != "organisation" and entry.get("household_kind") is None:
        yield contradiction(entry, "没有说明家庭口径", "It doesn't say which kind of household.", "household_kind", ("没有写", "nothing"))


def _repeated_ids(listed: str, entry: Entry) -> Iterator[LinliError]:
    seen: set[str] = set()
    for item in entry.value[listed].value:
        identity = item.value["id"]
        if identity.value in seen:
            yield contradiction(identity, "标识重复", "The id is given twice.", ("每个标识一次", "each id once"), identity.value)
        seen.add(identity.value)


def _unknown_supports(entry: Entry) -> Iterator[LinliError]:
    conditions = entry.value["rule"].get("conditions")
    listed = conditions.value if conditions is not None and isinstance(conditions.value, list) else []
    ids = [item.get("id") for item in listed if isinstance(item.value, dict)]
    known = {CONDITION, *(str(one.value) for one in ids if one is not None)} | ({"amount"} if entry.value["rule"].get("amount") else set())
    for basis in entry.value["legal_basis"].value:
        supports = basis.get("supports")
        for item in supports.value if supports else []:
            if item.value not in known:
                yield contradiction(item, "没有这个条件", "There is no such condition.", ", ".join(sorted(known)), str(item.value))


# What the schema can't say of a single file: the keys that a check reads, and the check.
_CONTRADICTIONS: tuple[tuple[frozenset[str], Callable[[Entry], Iterator[LinliError]]], ...] = (
    (frozenset({"effective_from", "effective_to"}), _crossed_days),
    (frozenset({"subject", "rule"}), _two_subjects),
    (frozenset({"subject", "household_kind"}), _no_household_kind),
    *((frozenset({listed}), partial(_repeated_ids, listed)) for listed in ("legal_basis", "materials", "funds")),
    (frozenset({"legal_basis", "rule"}), _unknown_supports),
    *CHECKS,
    *PARTICULAR_CHECKS,
)


def _rule(entry: Entry, vocabulary: Vocabulary, *, placed: bool) -> Rule:
    """The rule, if placed with the place of eligibility before its own conditions; empty parameters have no value on any date."""
    body: Entry = entry.value["rule"]
    conditions = body.get("conditions")
    content = dict(body.value)
    if placed and conditions is not None and isinstance(conditions.value, list):
        first = from_plain(place_condition(entry), file=body.file, path=CONDITION)
        content["conditions"] = replace(conditions, value=[first, *conditions.value])
    name = entry.get("programme")
    return load_rule(fill_empty_values(replace(body, value=content)), vocabulary, file=body.file, name=str(name.value) if name else "rule")


def _key_rule(entry: Entry, vocabulary: Vocabulary) -> Rule | None:
    return key_rule(entry, fill_empty_values(entry.value["rule"]), vocabulary)


def _bare_rule(entry: Entry, vocabulary: Vocabulary) -> Rule:
    """The place of eligibility alone, in place of a rule that has faults."""
    plain = {"subject": entry.value["subject"].value, "conditions": [place_condition(entry)]}
    return load_rule(from_plain(plain, file=entry.file, path="rule"), vocabulary, name=str(entry.value["programme"].value))


def _label(entry: Entry) -> Label:
    return Label(entry.value["zh"].value, entry.value["en"].value)


def _label_at(entry: Entry, key: str) -> Label | None:
    item = entry.get(key)
    return _label(item) if item is not None else None


def _text(entry: Entry, key: str) -> str | None:
    item = entry.get(key)
    return str(item.value) if item is not None else None


def _day(entry: Entry, key: str) -> date | None:
    item = entry.get(key)
    if item is None:
        return None
    return item.value if isinstance(item.value, date) else date.fromisoformat(str(item.value))


def _issued(entry: Entry) -> tuple[date, str]:
    """The first day that the stated day, month or year may mean, and how exact it is."""
    text = str(_json(entry.value["issued_on"]))
    parts = [int(part) for part in re.split("-", text)]
    return date(*([*parts, 1, 1][:3])), ("year", "month", "day")[len(parts) - 1]


def _programme(entry: Entry, rule: Rule, key: Rule | None, facts: Vocabulary, source: tuple[str, str | None]) -> Programme:
    value, (text, file), parts = entry.value, source, read_parts(entry, key)
    issued_on, precision = _issued(entry)
    limits, result, reading = value["time_limits"].value, value["result"], entry.get("reading")
    return Programme(
        slug=value["programme"].value,
        version=value["version"].value,
        label=_label(entry),
        summary=_label(value["summary"]),
        audience=_label(value["audience"]),
        benefit=_label(value["benefit"]),
        lifecycle=value["lifecycle"].value,
        subject=value["subject"].value,
        household_kind=_text(entry, "household_kind"),
        employment=value["employment"].value,
        issued_on=issued_on,
        issued_precision=precision,
        effective_from=_required_day(entry, "effective_from"),
        effective_to=_day(entry, "effective_to"),
        retroactive=_label_at(entry, "retroactive"),
        requires_legal_basis=_flag(entry, "requires_legal_basis"),
        legal_basis=tuple(_basis(item) for item in value["legal_basis"].value),
        demonstration=_label_at(entry, "demonstration"),
        item=_item(value["item"]),
        materials=_materials(value["materials"], parts.payment),
        statutory_working_days=limits["statutory_working_days"].value,
        promised_working_days=limits["promised_working_days"].value,
        result_kind=result.value["kind"].value,
        result=_label(result),
        place=_deciding(value["place"]),
        reading=declare.Reading(**{key: _label(item) for key, item in reading.value.items()}) if reading else None,
        funds=tuple(declare.Fund(item.value["id"].value, _label(item), item.value["level"].value) for item in value["funds"].value),
        letter=_label(value["letter"]),
        procedure=parts.procedure,
        verification=parts.verification,
        public_notice=parts.public_notice,
        payment=parts.payment,
        standing=parts.standing,
        objection=parts.objection,
        satisfaction=parts.satisfaction,
        particulars=read_particulars(entry),
        rule=rule,
        open_fields=open_fields(entry),
        facts=facts,
        entry=entry,
        text=text,
        digest=digest_of({"programme": _exact(entry.plain()), "rule": rule.digest} | ({"key": key.digest} if key else {})),
        file=file,
    )


def _deciding(entry: Entry) -> declare.Deciding:
    eligibility, office, payer, area = (str(entry.value[key].value) for key in ("eligibility", "office", "payer", "area"))
    return declare.Deciding(eligibility, office, payer, area, _label(entry))


def _required_day(entry: Entry, key: str) -> date:
    day = _day(entry, key)
    if day is None:
        raise Problems([contradiction(entry, "缺少日期", "The date is missing.", key, ("没有写", "nothing"))])
    return day


def _flag(entry: Entry, key: str) -> bool:
    item = entry.get(key)
    return item is not None and item.value is True


def _basis(entry: Entry) -> declare.LegalBasis:
    supports = entry.get("supports")
    named = tuple(str(item.value) for item in supports.value) if supports else ()
    return declare.LegalBasis(entry.value["id"].value, _label(entry), _text(entry, "article"), named, _label_at(entry, "note"))


def _item(entry: Entry) -> declare.Item:
    value, joint = entry.value, entry.get("joint_bodies")
    bodies = tuple(str(item.value) for item in joint.value) if joint else ()
    enquiry, complaint = (declare.Desk(value[key].value["phone"].value, _label(value[key])) for key in ("enquiry", "complaint"))
    return declare.Item(_text(entry, "code"), value["kind"].value, value["body"].value, bodies, enquiry, complaint)


def _materials(listed: Entry, payment: Payment | None) -> tuple[declare.Material, ...]:
    """Those of the file; and the account, which whoever is paid is asked for whether or not the file lists it. A contractor's comes with
    the list of works."""
    found = tuple(_material(item) for item in listed.value)
    known = payment is None or payment.reckoned == "works" or any(one.id == declare.ACCOUNT.id for one in found)
    return found if known else (*found, declare.ACCOUNT)


def _material(entry: Entry) -> declare.Material:
    value, copies, reuse, gives = entry.value, entry.get("copies"), entry.get("reuse_days"), entry.get("gives")
    return declare.Material(
        value["id"].value, _label(entry), _label(value["source"]), value["form"].value,
        copies.value if copies else 1, value["exempt"].value, _text(entry, "list"),
        _text(entry, "check") or "officer", reuse.value if reuse else None, tuple(str(fact.value) for fact in gives.value) if gives else (),
    )  # fmt: skip


def _exact(value: Any) -> Any:
    """Plain data for a digest: Decimals stay exact."""
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        try:
            read_yaml(file)  # words the refusal of a missing file
        except LinliError as error:
            raise Problems([error]) from error
        raise


def _wrong_folder(file: Path, slug: str) -> LinliError:
    return LinliError(
        "programmes.wrong_folder", zh="文件夹名与事项代号不一致", en="The folder's name is not the programme's slug.",
        place=Place(str(file), field="programme"), expected=file.parent.name, found=slug, remedy_zh="改名", remedy_en="rename one of them",
    )  # fmt: skip
