"""What breaks the published form of a programme file or its examples, in plain words: where, what belongs there, what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError

from linli.kernel.errors import LinliError, Said
from linli.programmes.declaration import EXEMPTIONS, FORMS, KINDS, SITUATIONS
from linli.programmes.procedure import declaration as procedure
from linli.programmes.telling import FUND_LEVELS, RESULTS, SUBJECTS
from linli.rules.declare import Label
from linli.rules.source import Entry

VERDICTS = {
    "eligible": Label("符合条件", "eligible"),
    "not_eligible": Label("不符合条件", "not eligible"),
    "unknown": Label("还不能确定", "undecided"),
    "not_in_force": Label("那天没有数值", "no figure on that day"),
}
PARTS = {
    "as_of": Label("哪一天", "day"),
    "facts": Label("情况", "situation"),
    "members": Label("家庭成员", "members of the household"),
    "relatives": Label("亲属", "relatives"),
    "holds": Label("已经享受的政策", "programmes held already"),
    "expect": Label("应当得出的结论", "answer that is expected"),
    "verdict": Label("结论", "verdict"),
    "amount": Label("金额", "amount"),
    "missing": Label("缺少的信息", "facts that are missing"),
    "conditions": Label("条件", "conditions"),
    "examples": Label("示例", "examples"),
    "version": Label("版本", "version"),
    "zh": Label("中文", "Chinese text"),
    "en": Label("英文", "English text"),
    "level": Label("层级", "level"),
    "role": Label("经办", "done by"),
    "kind": Label("类型", "kind"),
    "days": Label("天数", "days"),
}
"""The parts of a file that people who wrote no programme know by other names."""
CODES: tuple[Mapping[str, Label], ...] = (
    VERDICTS, procedure.LEVELS, procedure.ROLES, procedure.STEP_KINDS, procedure.LATE, procedure.DAY_UNITS, procedure.CHECKS,
    procedure.CYCLES, procedure.PAYEES, procedure.CHANNELS, procedure.NOTICE_PLACES, procedure.NOTICE_FIELDS, procedure.STARTS,
    procedure.PRORATES, procedure.RECKONED, procedure.STOPS, procedure.RESUMES, procedure.RECOURSE_UNITS,
    KINDS, FORMS, EXEMPTIONS, SITUATIONS, RESULTS, FUND_LEVELS, SUBJECTS,
)  # fmt: skip
IN_EXAMPLES = Label("在“示例”里改这一处", "mend it under “Examples”")
LIKE_OTHERS = Label("照同类内容的写法改这一处，写法见 docs/programmes.md", "write it as others of its kind are, see docs/programmes.md")
TYPES = {
    "string": Label("文字", "text"),
    "integer": Label("整数", "a whole number"),
    "number": Label("数字", "a number"),
    "boolean": Label("true 或 false", "true or false"),
    "array": Label("列表", "a list"),
    "object": Label("由名称和内容组成的一组", "names with their contents"),
    "null": Label("空", "nothing"),
}


def breach(where: Entry, error: ValidationError, example: Label | None = None) -> LinliError:
    """One breach of a schema at its place. example: the example that it is in, None outside of one."""
    part = part_words(where.path)
    said = Label(f"“{part.zh}”写得不对", f"What is written for “{part.en}” isn't right.")
    expected = _expected(error)
    instance = error.instance
    found: Said | None = ("空" if instance is None else str(instance), "nothing" if instance is None else str(instance))
    if error.validator == "minItems" and not instance:
        said, found = Label(f"“{part.zh}”里还没有内容", f"There is nothing under “{part.en}” yet."), None
    elif isinstance(instance, dict | list):
        found = _unknown_keys(error)
    said, remedy = of_example(said, example), IN_EXAMPLES if example is not None or part == PARTS["examples"] else LIKE_OTHERS
    own = {"remedy_zh": remedy.zh, "remedy_en": remedy.en}
    return LinliError(
        "programmes.schema", zh=said.zh, en=said.en, place=where.place(), expected=(expected.zh, expected.en), found=found, **own
    )


def absent(where: Entry, key: str, example: Label) -> LinliError:
    """A part that an example lacks."""
    part = part_words(key)
    said = of_example(Label(f"没有写“{part.zh}”", f"“{part.en}” is missing."), example)
    remedy = {"remedy_zh": f"在这个示例里补上“{part.zh}”（{key}）", "remedy_en": f"add {key} to this example"}
    return LinliError("programmes.schema", zh=said.zh, en=said.en, place=where.place(), **remedy)


def of_example(said: Label, example: Label | None) -> Label:
    """A sentence about a place of an example, with the example's name."""
    return (
        said if example is None else Label(f"示例“{example.zh}”：{said.zh}", f"Example “{example.en}”: {said.en[:1].lower()}{said.en[1:]}")
    )


def part_words(path: str) -> Label:
    """The last part of a path that has a name, as people call it; the path itself where none has."""
    for step in reversed([one.partition("[")[0] for one in path.split(".")]):
        if step in PARTS:
            return PARTS[step]
    last = path.rpartition(".")[2] or path
    return Label(last or "文件", last or "the file")


def _expected(error: ValidationError) -> Label:
    value: Any = error.validator_value
    rule = error.validator
    if rule == "enum":
        return _codes(value)
    if rule == "type":
        kinds = [TYPES.get(one, Label(one, one)) for one in ([value] if isinstance(value, str) else value)]
        return Label("或".join(one.zh for one in kinds), " or ".join(one.en for one in kinds))
    if rule == "minItems":
        return Label(f"至少 {value} 项", f"at least {value}")
    if rule == "maxItems":
        return Label(f"最多 {value} 项", f"at most {value}")
    if rule == "additionalProperties":
        known = "、".join(error.schema.get("properties", {})) if isinstance(error.schema, dict) else ""
        return Label(f"只能写：{known}", f"only these: {known.replace('、', ', ')}")
    if rule in ("minimum", "exclusiveMinimum"):
        return Label(f"不小于 {value}", f"at least {value}")
    if rule in ("maximum", "exclusiveMaximum"):
        return Label(f"不大于 {value}", f"at most {value}")
    if rule == "minLength":
        return Label("写上文字", "some text")
    if rule == "pattern":
        return _PATTERNS.get(str(value), Label(f"`{value}`", f"`{value}`"))
    return Label(f"`{value}`"[:300], f"`{value}`"[:300])


_PATTERNS = {
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": Label("日期，例如 2027-01-01", "a day such as 2027-01-01"),
    "^[a-z][a-z0-9]*(-[a-z0-9]+)*$": Label("小写英文代号，例如 old-age-allowance", "a name such as old-age-allowance"),
    "^[a-z][a-z0-9_]*$": Label("小写英文代号，例如 first_check", "a name such as first_check"),
    "^([0-9]{1,12}([.][0-9]{1,2})? ?(yuan|元)|[0-9]{1,14} ?(fen|分))$": Label("金额，例如 600 yuan", "an amount such as 600 yuan"),
    "^[0-9]{1,6}/[1-9][0-9]{0,5}$": Label("比例，例如 5/100", "a share such as 5/100"),
    "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$": Label("年、年月或日期，例如 2027-01-01", "a year, month or day such as 2027-01-01"),
    "^[0-9]{4}([0-9]{2})?$": Label("四位或六位行政区划代码", "an area code of four or six digits"),
    "^[0-9][0-9-]{2,19}$": Label("电话号码", "a telephone number"),
    "^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$": Label("字母、数字组成的名称，例如 2027", "a name of letters and digits such as 2027"),
}


def _codes(values: Iterable[Any]) -> Label:
    """The words that may be written, each with what it means."""
    listed = [value for value in values if value is not None]
    names = next((each for each in CODES if all(value in each for value in listed)), {})
    zh = [f"`{value}`（{names[value].zh}）" if value in names else f"`{value}`" for value in listed]
    en = [f"`{value}` ({names[value].en})" if value in names else f"`{value}`" for value in listed]
    return Label("、".join(zh), ", ".join(en))


def _unknown_keys(error: ValidationError) -> Said | None:
    """The keys that don't belong there; None where the fault is another one."""
    if error.validator != "additionalProperties" or not isinstance(error.instance, dict) or not isinstance(error.schema, dict):
        return None
    strange = [key for key in error.instance if key not in error.schema.get("properties", {})]
    return "、".join(strange), ", ".join(strange)
