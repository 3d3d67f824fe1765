"""What is allowed in a programme and seldom meant: words that differ from the rule, another's name, a day that is years away, a figure
that has changed and not its document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from linli.programmes.declaration import Programme
from linli.programmes.finding import Finding, finding
from linli.programmes.wording import ages_in
from linli.rules import tree
from linli.rules.declare import Declarations, Label

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


def figures_and_sources(programme: Programme, others: Iterable[Programme]) -> Iterator[Finding]:
    """Against the version before: a figure that is another one by the same document from the same day, and words that still speak of the
    old figures."""
    earlier = [one for one in others if one.version != programme.version and one.effective_from < programme.effective_from]
    if not earlier:
        return
    before = max(earlier, key=lambda one: one.effective_from)
    changed = False
    for field, label, kept in _changed(programme.rule.declarations, before.rule.declarations):
        changed = True
        if kept is not None:
            yield finding(
                programme,
                "same_source",
                field,
                (
                    f"“{label.zh}”的数值改了，起始日期和出处没有改：{kept.zh}",
                    f"“{label.en}” has another figure, from the same day and by the same document: {kept.en}",
                ),
                ("写明定下新数值的文件和起始日期", "name the document that lays the new figure down, and its first day"),
                blocks=False,
            )
    if changed and programme.benefit == before.benefit and re.search(r"[0-9]|[一二两三四五六七八九][十百千万]", programme.benefit.zh):
        yield finding(
            programme,
            "same_words",
            "benefit",
            (
                f"数值改了，写给居民的文字没有改：{programme.benefit.zh}",
                f"Figures have changed, the words for residents haven't: {programme.benefit.en}",
            ),
            ("核对文字里的金额和条件", "compare the amounts and conditions in the words"),
            blocks=False,
        )


def _changed(now: Declarations, before: Declarations) -> Iterator[tuple[str, Label, Label | None]]:
    """Figures of a day that differ: their place, their name, the document where it is the same as before."""
    for section in ("parameters", "tables", "scales"):
        old: Mapping[str, Any] = getattr(before, section)
        each: Mapping[str, Any] = getattr(now, section)
        for name, declared in each.items():
            known = {period.first: period for period in old[name].dated.periods} if name in old else {}
            for period in declared.dated.periods:
                was = known.get(period.first)
                if was is not None and was.value != period.value:
                    yield f"rule.{section}.{name}", declared.label, period.source if period.source == was.source else None
