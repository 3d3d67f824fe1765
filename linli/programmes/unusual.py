"""What is allowed in a programme and seldom meant: words that differ from the rule, another's name, a day that is years away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from linli.programmes.declaration import Programme
from linli.programmes.finding import Finding, finding
from linli.programmes.wording import ages_in
from linli.rules import tree
from linli.rules.declare import Label

_FAR = 5 * 366


def names_and_days(programme: Programme, called: Mapping[str, str]) -> Iterator[Finding]:
    """What is allowed and seldom meant: the name of another programme, a first day that is years away from the day of issue. called: the
    names of all programmes in Chinese, by slug."""
    for slug, name in sorted(called.items()):
        if slug != programme.slug and name == programme.label.zh:
            yield finding(
                programme,
                "same_name",
                "zh",
                (f"与政策 {slug} 同名，居民分不清", f"{slug} has the same name: residents can't tell them apart."),
                ("换一个名称，或把它写成那项政策的新版本", "name it otherwise, or write it as a new version of that programme"),
                blocks=False,
                found=name,
            )
    if (programme.effective_from - programme.issued_on).days > _FAR:
        yield finding(
            programme,
            "far_away",
            "effective_from",
            (
                f"印发五年以后才适用：{programme.effective_from}",
                f"It applies from more than five years after it is issued: {programme.effective_from}.",
            ),
            ("核对起始日期", "check the first day"),
            blocks=False,
        )


def ages(programme: Programme) -> Iterator[Finding]:
    """Age limits belong to a programme: words that name an age its rule doesn't know are a slip, or another programme's."""
    if not any(isinstance(node, tree.Age) for node in programme.rule.nodes):
        return
    known = _numbers(programme)
    near = {0} | known | {number + 1 for number in known} | {number - 1 for number in known}
    for field, words in _texts(programme):
        for language in ("zh", "en"):
            for age in sorted(ages_in(words.text(language)) - near):
                yield finding(
                    programme,
                    "unknown_age",
                    f"{field}.{language}",
                    (f"文字写到 {age} 岁，规则里没有这个年龄", f"The words speak of age {age}, which the rule doesn't know."),
                    ("核对文字与规则：年龄界限以本事项为准", "compare words and rule: an age limit belongs to its own programme"),
                    blocks=False,
                    expected=", ".join(str(number) for number in sorted(known)),
                    found=str(age),
                )


def _numbers(programme: Programme) -> set[int]:
    """Whole numbers that the rule compares with: literals, and parameters and scales in every period."""
    found = {node.value for node in programme.rule.nodes if isinstance(node, tree.Constant) and type(node.value) is int}
    for node in programme.rule.nodes:
        if isinstance(node, tree.Parameter):
            periods = programme.rule.declarations.parameters[node.name].dated.periods
            found |= {period.value for period in periods if type(period.value) is int and node.type == tree.INTEGER}
        elif isinstance(node, tree.Bracket | tree.Marginal):
            scale = programme.rule.declarations.scales[node.scale]
            found |= {start for period in scale.dated.periods for start, _ in period.value if scale.input == tree.INTEGER}
    return {int(value) for value in found}


def _texts(programme: Programme) -> Iterator[tuple[str, Label]]:
    yield from (
        ("summary", programme.summary),
        ("audience", programme.audience),
        ("benefit", programme.benefit),
        ("letter", programme.letter),
    )
    for condition in programme.rule.conditions:
        yield f"rule.conditions.{condition.id}", condition.label
    if programme.reading is not None:
        yield "reading.source_text", programme.reading.source_text
        yield "reading.chosen", programme.reading.chosen
