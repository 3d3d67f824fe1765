"""Figures that a programme leaves open and that a batch needs: asked of whoever opens it, each with the document that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from linli.batches.refusals import refused
from linli.kernel.errors import LinliError, Problems
from linli.programmes.declaration import Programme
from linli.programmes.procedure import RandomCheck

MOST_DAYS = 365
MOST_FEN = 10**12
LONGEST_DOCUMENT = 200
DEFAULT_STRATA = "county"


@dataclass(frozen=True, slots=True)
class Question:
    """One figure to be asked for. kind: days, rate, term or fen."""

    name: str
    kind: str
    zh: str
    en: str
    required: bool = True


def questions(programme: Programme) -> tuple[Question, ...]:
    """What has to be asked, and what may be given, before a batch of the programme is opened."""
    found = []
    if programme.payment is not None and programme.payment.cycle == "term":
        found.append(Question("term", "term", "本学期起止日期", "first and last day of the school term"))
    if programme.payment is not None and programme.payment.reckoned == "slips" and programme.payment.slip_cap is None:
        found.append(Question("slip_cap", "fen", "每人每期单据金额上限", "most of one period's slip for one person"))
    if programme.public_notice is not None and programme.public_notice.term.days is None:
        found.append(Question("notice_days", "days", "公示天数", "days of public notice"))
    if programme.verification is not None and programme.verification.random is None:
        found.append(
            Question(
                "rate", "rate", "随机抽查比例（没有规定可不填）", "share checked at random (leave empty where none is laid down)", False
            )
        )
    return tuple(found)


def missing(programme: Programme, period: str, given: Mapping[str, Any], *, refuse: bool = False) -> tuple[str, ...]:
    """Names of required figures that were not given. refuse: raise Problems with them, and with everything given that is not right."""
    asked = {one.name: one for one in questions(programme)}
    absent = tuple(name for name, one in asked.items() if one.required and name not in given)
    if not refuse:
        return absent
    problems: list[LinliError] = [_absent(asked[name]) for name in absent]
    for name, told in given.items():
        if name not in asked:
            problems.append(
                refused("not_asked", ("政策文件已写明此项", "The programme says this itself."), ("删去", "leave it out"), field=name)
            )
        elif problem := _wrong(asked[name], told):
            problems.append(problem)
    if problems:
        raise Problems(problems)
    return ()


def _absent(question: Question) -> LinliError:
    said = (f"政策文件没有写明{question.zh}", f"The programme doesn't say: {question.en}.")
    return refused(
        "figure_open", said, ("填写数值和规定它的文件", "give the figure and the document that lays it down"), field=question.name
    )


def _wrong(question: Question, told: Any) -> LinliError | None:
    value = told.get("value") if isinstance(told, dict) else None
    document = str(told.get("document", "")).strip() if isinstance(told, dict) else ""
    if not document or len(document) > LONGEST_DOCUMENT:
        said = (f"请写明规定{question.zh}的文件", f"Say which document lays down: {question.en}.")
        return refused("no_document", said, ("填写文件名称和文号", "give its title and number"), field=question.name)
    fits = {"days": _is_days, "rate": _is_rate, "term": _is_term, "fen": _is_fen}[question.kind](value)
    if fits:
        return None
    said = (f"{question.zh}填写不正确", f"This is not right: {question.en}.")
    return refused("figure", said, ("改正后再提交", "mend it and send it again"), field=question.name, found=str(value)[:60])


def _is_days(value: Any) -> bool:
    return type(value) is int and 1 <= value <= MOST_DAYS


def _is_fen(value: Any) -> bool:
    return type(value) is int and 1 <= value <= MOST_FEN


def _is_rate(value: Any) -> bool:
    pair = isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value)
    return pair and value[1] > 0 and 0 < Fraction(value[0], value[1]) <= 1


def _is_term(value: Any) -> bool:
    try:
        return date.fromisoformat(value["first"]) < date.fromisoformat(value["last"])
    except (TypeError, KeyError, ValueError):
        return False


def notice_days(programme: Programme, given: Mapping[str, Any]) -> int:
    """For how many days a public notice stands: as the file says, else as was given."""
    assert programme.public_notice is not None
    days = programme.public_notice.term.days
    return days if days is not None else int(given["notice_days"]["value"])


def slip_cap(programme: Programme, given: Mapping[str, Any]) -> int | None:
    """The most of one period's slip in fen: as the file says, else as was given; None where neither does."""
    declared = programme.payment.slip_cap if programme.payment is not None else None
    return declared if declared is not None or "slip_cap" not in given else int(given["slip_cap"]["value"])


def random_check(programme: Programme, given: Mapping[str, Any]) -> RandomCheck | None:
    """The random check as the file says, else at the rate that was given, by county; None where there is none."""
    declared = programme.verification.random if programme.verification is not None else None
    if declared is not None or "rate" not in given:
        return declared
    return RandomCheck(Fraction(*given["rate"]["value"]), DEFAULT_STRATA, ())
