"""Answers of another system as a table: receipt number, outcome and, where it has one, its own number; dealt with row by row.

Each row is an act of its own: one that is refused, with its reason, stops no other. The same file again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from linli.casework.kinds import APPLICATION
from linli.casework.models import Case
from linli.casework.numbers import give_number
from linli.casework.steps.acts import programme_of
from linli.entitlements.acts.answering import answered_elsewhere
from linli.entitlements.models import Application
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.papers.reading import read_table
from linli.papers.tables import Limits
from linli.trace import act

HEADERS = {
    "receipt": ("回执编号", "receipt"),
    "outcome": ("办理结果", "outcome"),
    "number": ("对方编号", "number"),
}
NEEDED = ("receipt", "outcome")
LIMITS = Limits(file_bytes=4 * 2**20, unpacked_bytes=64 * 2**20, text_bytes=32 * 2**20, rows=2001, columns=40, cell_characters=1000)
VERDICTS = ("applied", "same", "refused")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file and what became of it. line: as a spreadsheet counts; verdict: applied, same (it stood already) or refused."""

    line: int
    receipt: str
    outcome: str
    number: str = ""
    verdict: str = ""
    problem: LinliError | None = None


def take_answers(viewer: Viewer, path: Path) -> list[Line]:
    """Read a csv (UTF-8 or GB18030) or xlsx of at most 2,000 answers and deal with each. About twenty statements a row.

    Refused row by row: an unknown receipt or one that isn't the viewer's, a case that was not forwarded, an outcome that the programme
    doesn't list, a receipt that stands twice with different outcomes (all of them) or the same (but the first), and an answer other than
    the one that stands. Raises LinliError for a file that is no such table; then nothing is written.
    """
    lines = list(_lines(path))
    twice = {key: said for key, said in _by_receipt(lines).items() if len(said) > 1 or sum(said.values()) > 1}
    seen: set[str] = set()
    done = []
    for one in lines:
        said = twice.get(one.receipt)
        if said is not None and (len(said) > 1 or one.receipt in seen):
            done.append(replace(one, verdict="refused", problem=_twice(path, one, differing=len(said) > 1)))
            continue
        seen.add(one.receipt)
        done.append(_dealt_with(viewer, path, one))
    return done


def _by_receipt(lines: list[Line]) -> dict[str, Counter[tuple[str, str]]]:
    found: dict[str, Counter[tuple[str, str]]] = {}
    for one in lines:
        found.setdefault(one.receipt, Counter())[one.outcome, one.number] += 1
    return found


def _lines(path: Path) -> Iterator[Line]:
    table = read_table(path, limits=LIMITS)
    places = {
        key: next((at for at, header in enumerate(table.headers) if header.strip().lower() in names), None)
        for key, names in HEADERS.items()
    }
    lacking = [HEADERS[key] for key in NEEDED if places[key] is None]
    if lacking:
        raise LinliError(
            "entitlements.answer_columns",
            zh="表格缺少需要的列",
            en="The table lacks a column.",
            place=Place(file=path.name, line=table.header_row),
            expected=("、".join(zh for zh, _ in lacking), ", ".join(en for _, en in lacking)),
            found=", ".join(table.headers)[:200],
            remedy_zh="表头写明：回执编号、办理结果；可加：对方编号",
            remedy_en="head the columns receipt, outcome and, if there is one, number",
        )
    for row in table.rows:
        told = {key: row.cells[at].text.strip() if at is not None and at < len(row.cells) else "" for key, at in places.items()}
        receipt = "".join(sign for sign in told["receipt"] if sign not in " -－　")
        yield Line(row.number, receipt, told["outcome"], told["number"])


def _dealt_with(viewer: Viewer, path: Path, one: Line) -> Line:
    try:
        with act(viewer):
            return replace(one, verdict="applied" if _applied(viewer, one) else "same")
    except LinliError as problem:
        return replace(one, verdict="refused", problem=problem.at(Place(file=path.name, line=one.line)))


def _applied(viewer: Viewer, one: Line) -> bool:
    """Whether anything changed. Raises LinliError."""
    row = Case.objects.filter(receipt=one.receipt, kind=APPLICATION.slug).first() if len(one.receipt) <= 13 else None
    if row is None:
        raise LinliError(
            "entitlements.unknown_receipt",
            zh="没有这个回执编号的申请",
            en="No application has this receipt number.",
            expected="a receipt number of 13 digits",
            expected_zh="13 位回执编号",
            found=one.receipt[:40],
            remedy_zh="请对方核对编号",
            remedy_en="ask the other side to check it",
        )
    forwarding = programme_of(row).particulars.forward_to
    said = {word.lower(): each.id for each in forwarding.outcomes for word in (each.id, each.label.zh, each.label.en)} if forwarding else {}
    outcome = said.get(one.outcome.lower(), one.outcome)
    before = Application.objects.filter(case=row).values_list("answer", flat=True).first()
    answered_elsewhere(viewer, row.uid, outcome, anew=False)
    if one.number:
        give_number(viewer, row.uid, system=row.programme, number=one.number)
    return before != outcome


def _twice(path: Path, one: Line, *, differing: bool) -> LinliError:
    return LinliError(
        "entitlements.answer_twice",
        zh="同一回执编号在文件中有不同的结果，都没有采用" if differing else "同一回执编号在文件中重复",
        en="One receipt has different outcomes in the file: none was taken." if differing else "The receipt stands twice in the file.",
        place=Place(file=path.name, line=one.line),
        expected="each receipt once",
        expected_zh="每个回执编号一行",
        found=one.receipt[:40],
        remedy_zh="请对方核对后重新发送" if differing else "不用处理，第一行已经采用",
        remedy_en="ask the other side which is right" if differing else "nothing to do: the first was taken",
    )
