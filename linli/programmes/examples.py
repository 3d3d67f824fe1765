"""examples.yaml: what an official says a programme's answer is, compared with what its rule says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.money import yuan_text
from linli.programmes.breaches import PARTS, VERDICTS, of_example
from linli.programmes.cases import Answer, Case, answer, plain_value
from linli.programmes.declaration import Programme, place_of
from linli.programmes.files import check_schema
from linli.rules import Rule
from linli.rules.declare import BUILT_IN, Label
from linli.rules.explain import missing_label
from linli.rules.source import Entry, parse_yaml, read_yaml, refuse
from linli.rules.tree import MONEY
from linli.rules.values import read_value

FEWEST = 6
NOT_IN_FORCE = "not_in_force"
FILE = "examples.yaml"


@dataclass(frozen=True, slots=True)
class Example:
    """One example. version: None means the programme's newest. expect: only the keys that the official wrote are compared."""

    label: Label
    version: str | None
    as_of: date
    entry: Entry

    @property
    def place(self) -> Place:
        """Where it stands in its file."""
        return self.entry.place()


def examples_file(programme: Programme, city: Path) -> Path:
    """Where a programme's examples are kept: beside its file, or in the city's folder for one that was read from the database."""
    own = Path(programme.file).with_name(FILE) if programme.file else city / FILE
    return own if own.is_file() else city / "programmes" / programme.slug / FILE


def load_examples(file: Path) -> list[Example]:
    """The examples of a file, checked against the published schema. Raises Problems."""
    return _examples(lambda: read_yaml(file))


def parse_examples(data: bytes, *, file: str | None = None) -> list[Example]:
    """The same for a file's content: a draft's examples."""
    return _examples(lambda: parse_yaml(data, file=file))


def _examples(read: Callable[[], Entry]) -> list[Example]:
    try:
        entry = read()
    except LinliError as error:
        raise Problems([error]) from error
    check_schema(entry, "examples")
    common = entry.get("facts")
    return [_example(item, common) for item in entry.value["examples"].value]


def faults_of_form(file: Path) -> list[LinliError]:
    """What is wrong with a file of examples before any rule is asked."""
    return _faults(lambda: load_examples(file))


def faults_of_text(text: str) -> list[LinliError]:
    """The same for a draft's examples."""
    return _faults(lambda: parse_examples(text.encode(), file=FILE))


def _faults(load: Callable[[], list[Example]]) -> list[LinliError]:
    try:
        load()
    except Problems as several:
        return several.problems
    return []


def _example(item: Entry, common: Entry | None) -> Example:
    value = dict(item.value)
    facts = item.get("facts")
    together = {**(common.value if common else {}), **(facts.value if facts else {})}
    value["facts"] = replace(item, value=together)
    as_of, version = value["as_of"].value, item.get("version")
    day = as_of if isinstance(as_of, date) else date.fromisoformat(as_of)
    words = Label(value["zh"].value, value["en"].value)
    return Example(words, version.value if version else None, day, replace(item, value=value))


def case_of(example: Example, programme: Programme) -> Case:
    """The example's subject with typed facts. Raises Problems for unknown facts and values of the wrong type."""
    problems: list[LinliError] = []
    entry = example.entry
    holds = entry.get("holds")

    def several(entry: Entry | None) -> list[dict[str, Any]] | None:
        return None if entry is None else [_values(item, programme, example.label, problems) for item in entry.value]

    case = Case(
        _values(entry.value["facts"], programme, example.label, problems),
        several(entry.get("members")),
        several(entry.get("relatives")),
        frozenset(item.value for item in holds.value) if holds else frozenset(),
    )
    if problems:
        raise Problems(problems)
    return case


def _values(entry: Entry, programme: Programme, example: Label, problems: list[LinliError]) -> dict[str, Any]:
    known = {**programme.rule.declarations.facts, **BUILT_IN}
    found: dict[str, Any] = {}
    for name, item in entry.value.items():
        if name not in known:
            problems.append(_unknown_fact(item, name, example))
        elif item.value is None:
            found[name] = None
        else:
            try:
                found[name] = plain_value(read_value(item, known[name].type), known[name].type)
            except LinliError as error:
                problems.append(_unreadable(item, error, known[name].label, example))
    return found


def _unknown_fact(entry: Entry, name: str, example: Label) -> LinliError:
    said = of_example(Label(f"没有叫“{name}”的信息", f"there is no fact called “{name}”."), example)
    return refuse(
        "programmes.unknown_fact", entry, zh=said.zh, en=said.en,
        remedy_zh="改正示例里的名称；规则要用一项新信息的，先由名单给出它",
        remedy_en="correct the name in the example; a fact that is new has to be given by a list first",
    )  # fmt: skip


def _unreadable(entry: Entry, error: LinliError, fact: Label, example: Label) -> LinliError:
    said = of_example(Label(f"“{fact.zh}”的值写得不对", f"the value of “{fact.en}” isn't right."), example)
    expected, found = (error.expected_zh or error.expected or "", error.expected or ""), entry.raw or repr(entry.value)
    return refuse(
        error.code, entry, zh=said.zh, en=said.en, expected=expected, found=found,
        remedy_zh="在“示例”里改这个值", remedy_en="correct the value under “Examples”",
    )  # fmt: skip


def run_example(example: Example, programme: Programme) -> list[LinliError]:
    """What the rule says otherwise than the official; empty when they agree. By the columnar engine, about 10 ms."""
    try:
        programme.rule.check_in_force(example.as_of)
    except LinliError:
        return compare(example, Answer(NOT_IN_FORCE, {}, (), None), programme.rule)
    return compare(example, answer(programme.rule, case_of(example, programme), example.as_of), programme.rule)


def compare(example: Example, found: Answer, rule: Rule) -> list[LinliError]:
    """The expectations that an answer of the rule does not meet, each at its place."""
    expect = example.entry.value["expect"]
    checks: dict[str, tuple[Any, Any]] = {"verdict": (expect.value["verdict"].value, found.verdict)}
    if "amount" in expect.value:
        amount = expect.get("amount")
        checks["amount"] = (read_value(amount, MONEY) if amount else None, found.amount_fen)
    if "missing" in expect.value:
        checks["missing"] = (sorted(item.value for item in expect.value["missing"].value), sorted(found.missing))
    conditions = expect.get("conditions")
    for identity, item in (conditions.value if conditions else {}).items():
        checks[f"conditions.{identity}"] = (item.value, found.conditions.get(identity, "no such condition"))
    lacking = found.missing if found.verdict == "unknown" else ()
    return [_mismatch(example, rule, key, wanted, got, lacking) for key, (wanted, got) in checks.items() if wanted != got]


TRUTHS = {True: Label("成立", "fulfilled"), False: Label("不成立", "not fulfilled"), None: Label("不确定", "unknown")}


def _names(facts: Iterable[str], rule: Rule) -> Label:
    """Facts that are missing by what they are called."""
    labels = [missing_label(rule, name) for name in facts]
    return Label("、".join(one.zh for one in labels) or "不缺", ", ".join(one.en for one in labels) or "nothing")


def _answer(key: str, value: Any, rule: Rule) -> Label:
    """One part of an answer in words: an amount in yuan, a verdict, a condition or facts by their names."""
    if key == "amount":
        return Label("没有金额", "no amount") if value is None else Label(f"{yuan_text(value)} 元", f"{yuan_text(value)} yuan")
    if key == "verdict":
        return VERDICTS[value]
    if key == "missing":
        return _names(value, rule)
    return TRUTHS.get(value, Label("没有这个条件", "no such condition"))


def _found(key: str, got: Any, lacking: Sequence[str], rule: Rule) -> Label:
    """What the rule says, and for an undecided verdict which facts would decide it: the example most likely leaves them out."""
    words = _answer(key, got, rule)
    if key != "verdict" or not lacking:
        return words
    names = _names(sorted(lacking), rule)
    return Label(f"{words.zh}，因为没有写明{names.zh}", f"{words.en}, for it doesn't say: {names.en}")


def _part(key: str, rule: Rule) -> Label:
    """The part of an answer that an expectation is about."""
    outer, _dot, inner = key.partition(".")
    if not inner:
        return PARTS[outer]
    label = next((one.label for one in rule.conditions if one.id == inner), Label(inner, inner))
    return Label(f"“{label.zh}”这一条件", f"result for “{label.en}”")


def _mismatch(example: Example, rule: Rule, key: str, wanted: Any, got: Any, lacking: Sequence[str]) -> LinliError:
    entry = example.entry.value["expect"]
    for step in key.split("."):
        entry = entry.value[step]
    part, told, found = _part(key, rule), _answer(key, wanted, rule), _found(key, got, lacking, rule)
    left_out = key == "verdict" and bool(lacking)
    return LinliError(
        "programmes.example_differs",
        zh=f"示例“{example.label.zh}”：{part.zh}和按规则算出的不一样",
        en=f"Example “{example.label.en}”: the rule comes to another {part.en}.",
        place=entry.place(),
        expected=(told.zh, told.en),
        found=(found.zh, found.en),
        remedy_zh="在示例里补上这些情况；要是本来就不清楚，把结论改成“还不能确定”" if left_out else _WHICH.zh,
        remedy_en="say these in the example; if they aren't known, expect “undecided”" if left_out else _WHICH.en,
    )


_WHICH = Label(
    "看文件的原意：示例写错了，改示例；规则写错了，改条件或金额的算法",
    "look at what the document means: if the example is wrong, correct it; if the rule is, correct its conditions or its calculation",
)


def examples_of(programme: Programme, city: Path, newest: str) -> list[Example]:
    """The examples that are about this version. newest: the name of the programme's newest version."""
    found = load_examples(examples_file(programme, city))
    return [example for example in found if (example.version or newest) == programme.version]


def failures(programme: Programme, city: Path, newest: str) -> list[LinliError]:
    """Why a version's examples don't carry it: too few of them, one verdict never shown, or an answer that differs."""
    try:
        found = examples_of(programme, city, newest)
        wrong = [error for example in found for error in run_example(example, programme)]
    except Problems as several:
        return several.problems
    return [*_coverage(programme, found), *wrong]


def failures_of_text(programme: Programme, text: str) -> list[LinliError]:
    """The same for a draft's examples: those without a version are about the draft."""
    try:
        found = try_text(programme, text)
    except Problems as several:
        return several.problems
    return [*_coverage(programme, [one.example for one in found]), *(error for one in found for error in one.differences)]


@dataclass(frozen=True, slots=True)
class Tried:
    """An example with what speaks against it; empty: the rule says the same."""

    example: Example
    differences: tuple[LinliError, ...]


KEPT = 32
_tried: dict[tuple[str, str], tuple[Tried, ...]] = {}  # by the programme's digest and the examples' text: the same gives the same


def try_text(programme: Programme, text: str) -> tuple[Tried, ...]:
    """A draft's examples with what its rule says otherwise; about 10 ms an example, kept for the last drafts. Raises Problems."""
    key = (programme.digest, text)
    if key not in _tried:
        found = parse_examples(text.encode(), file=FILE)
        own = [one for one in found if (one.version or programme.version) == programme.version]
        answers = tuple(Tried(one, _differences(one, programme)) for one in own)
        while len(_tried) >= KEPT:
            _tried.pop(next(iter(_tried)), None)
        _tried[key] = answers
        return answers
    return _tried[key]


def _differences(example: Example, programme: Programme) -> tuple[LinliError, ...]:
    try:
        return tuple(run_example(example, programme))
    except Problems as several:
        return tuple(several.problems)


def _coverage(programme: Programme, found: list[Example]) -> Iterator[LinliError]:
    verdicts = {example.entry.value["expect"].value["verdict"].value for example in found}
    absent = {"eligible", "not_eligible"} - verdicts
    if len(found) < FEWEST or absent:
        kinds = [VERDICTS[one] for one in sorted(verdicts)]
        said = Label("、".join(one.zh for one in kinds), ", ".join(one.en for one in kinds))
        yield LinliError(
            "programmes.too_few_examples",
            zh="示例还不够，看不出规则对不对",
            en="There are too few examples to tell whether the rule is right.",
            place=place_of(programme, "version"),
            expected=f"at least {FEWEST} examples of version {programme.version}, some that are eligible and some that are not",
            expected_zh=f"版本 {programme.version} 至少 {FEWEST} 个示例，既有“符合条件”的，也有“不符合条件”的",
            found=f"{len(found)}{said.en and f', of these kinds only: {said.en}'}",
            found_zh=f"{len(found)} 个{said.zh and f'，只有：{said.zh}'}",
            remedy_zh="在“示例”里再加几个，包括刚好够条件和差一点的",
            remedy_en="add some under “Examples”, also ones that just fulfil a condition and just fail it",
        )
