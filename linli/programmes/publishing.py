"""Everything that has to be right before a version is published."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from linli.kernel.errors import LinliError
from linli.programmes.catalogue import Catalogue
from linli.programmes.declaration import Programme, place_of
from linli.programmes.examples import examples_file, failures, failures_of_text, faults_of_form, faults_of_text
from linli.programmes.files import ReadFile
from linli.programmes.finding import Finding
from linli.programmes.lint import lint, surroundings
from linli.programmes.metamorphic import hukou_swap_changes


@dataclass(frozen=True, slots=True)
class Gate:
    """What publishing asks of the installation. confirmed: digests of words that owners stand by; demonstration: stand-ins allowed."""

    confirmed: Collection[str]
    demonstration: bool


def obstacles(
    programme: Programme, catalogue: Catalogue, gate: Gate, published: Iterable[Programme] = (), examples: str | None = None
) -> list[LinliError]:
    """Every reason why this version can't be published now; empty when it can.

    published: versions of the same programme that are published already. examples: a draft's own; None: those of the city's folder.
    """
    found = [finding.error for finding in findings(programme, catalogue, published, examples) if finding.blocks]
    return [*found, *_unconfirmed(programme, gate), *_stand_ins(programme, gate)]


def findings(programme: Programme, catalogue: Catalogue, published: Iterable[Programme] = (), examples: str | None = None) -> list[Finding]:
    """What the files alone say for and against publishing: lint, examples, and for employment the hukou swap. About 0.2 s."""
    files = catalogue.versions.get(programme.slug, ())
    others = {other.version: other for other in (*files, *published)}
    found = lint(programme, surroundings(catalogue), others.values())
    if not programme.empty_parameters:
        if examples is None:
            shown = failures(programme, catalogue.path, files[-1].version if files else programme.version)
        else:
            shown = failures_of_text(programme, examples)
        found += [Finding(error, True) for error in (*shown, *_changes(programme))]
    return found


def findings_despite_faults(read: ReadFile, catalogue: Catalogue, examples: str | None = None) -> list[Finding]:
    """A file's faults, and all that can be said of it although they are there: lint of what is readable, the form of its examples."""
    found = [Finding(fault, True) for fault in read.faults]
    if read.programme is not None:
        others = catalogue.versions.get(read.programme.slug, ())
        found += lint(read.programme, surroundings(catalogue), others)
        form = faults_of_text(examples) if examples is not None else faults_of_form(examples_file(read.programme, catalogue.path))
        found += [Finding(error, True) for error in form]
    return found


def _unconfirmed(programme: Programme, gate: Gate) -> Iterable[LinliError]:
    if programme.reading is not None and programme.words_digest() not in gate.confirmed:
        yield LinliError(
            "programmes.reading_unconfirmed",
            zh=f"规则读法尚未由主管部门确认：{programme.reading.question.zh}",
            en=f"The owner has not confirmed the reading: {programme.reading.question.en}",
            place=place_of(programme, "reading"),
            expected=programme.reading.chosen.en,
            expected_zh=programme.reading.chosen.zh,
            found="no confirmation of these words",
            found_zh="没有对这一读法的确认",
            remedy_zh=f"主管部门核对后运行 linli programme confirm {programme.slug} --by 部门名称",
            remedy_en=f"once the owner agrees: linli programme confirm {programme.slug} --by OFFICE",
        )


def _stand_ins(programme: Programme, gate: Gate) -> Iterable[LinliError]:
    if programme.demonstration is not None and not gate.demonstration:
        yield LinliError(
            "programmes.demonstration_figures",
            zh=f"含演示数值，只能在演示环境发布：{programme.demonstration.zh}",
            en=f"It has stand-in figures and is published on a demonstration only: {programme.demonstration.en}",
            place=place_of(programme, "demonstration"),
            remedy_zh="换成公布的数值并删除 demonstration",
            remedy_en="replace them by the published figures and remove demonstration",
        )


def _changes(programme: Programme) -> Iterable[LinliError]:
    changed = hukou_swap_changes(programme) if programme.employment else 0
    if changed:
        yield LinliError(
            "programmes.hukou_decides",
            zh=f"互换户口性质后有 {changed} 个认定发生变化：就业类事项不得因户口性质区别对待",
            en=f"Swapping the hukou type changes {changed} verdicts: no employment decision may depend on it.",
            place=place_of(programme, "rule"),
            expected="0 verdicts changed",
            expected_zh="0 个认定变化",
            found=str(changed),
            remedy_zh="从规则中去掉户口性质",
            remedy_en="take the hukou type out of the rule",
        )
