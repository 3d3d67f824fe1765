"""One visit to 查一查: the answers travel signed inside the page's own form and are forgotten with it. Nothing is stored or logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from linli.kernel.clock import today
from linli.programmes import Programme
from linli.programmes.declaration import EXEMPTIONS, Material
from linli.registers.lists import load_lists
from linli.rules import Label
from linli.rules.explain import missing_label
from linli.screening.interview import ELSEWHERE, Assessment, Case, Interview, Question, Standing, answered, from_text, to_text
from linli.web.frame import city
from linli.web.programme import shelf
from linli.web.programme.questions import asking_ages, fact_words, members_words, question_words, unit_words, value_words, yes_or_no
from linli.web.programme.ways_in import WayIn, way_in
from linli.web.templatetags.texts import day as day_words
from linli.web.templatetags.texts import words, yuan

SALT = "linli.web.programme.visit"
SUBJECTS = {"person": ("person", "household"), "organisation": ("organisation",)}


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is asked about (a person or an organisation) and the answers so far, in order."""

    subject: str = "person"
    answers: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, subject: str) -> Visit:
        """A visit without answers yet; about a person unless a known kind of subject is asked for."""
        return cls(subject if subject in SUBJECTS else "person")

    @classmethod
    def read(cls, text: str) -> Visit:
        """What `sealed` wrote; raises BadSignature for anything else."""
        try:
            subject, answers = signing.loads(text, salt=SALT)
            return replace(cls.of(subject), answers=tuple(from_text(answers)))
        except (ValueError, TypeError, KeyError) as problem:
            raise signing.BadSignature("not a visit") from problem

    def sealed(self) -> str:
        """The visit as text that only this installation can have written."""
        return signing.dumps([self.subject, to_text(self.answers)], salt=SALT, compress=True)

    def with_answer(self, key: str, value: Any) -> Visit:
        """The visit with one more answer; an earlier answer to the same question gives way.

        What was said of each person before stands where the new answer leaves them out.
        """
        before = dict(self.answers).get(key)
        if isinstance(value, list) and isinstance(before, list) and len(value) == len(before):
            value = [old if new is None else new for old, new in zip(before, value, strict=True)]
        return replace(self, answers=(*self.without(key).answers, (key, value)))

    def without(self, key: str) -> Visit:
        """The visit without the answer to one question."""
        return replace(self, answers=tuple(pair for pair in self.answers if pair[0] != key))


def live_programmes(subject: str) -> list[Programme]:
    """The published programmes in force today that a person or an organisation may be found for. One query.

    What they themselves ask for at a window, such as having an injury confirmed, is nothing to ask everybody about.
    """
    live = (one.programme for one in shelf.shelf() if one.state == "live")
    return [one for one in live if one.invites and one.subject in SUBJECTS[subject]]


def interview_for(programmes: Sequence[Programme]) -> Interview:
    """The interview over these programmes, made once a process and day."""
    return _interview(_Programmes(tuple(programmes)), today())


class _Programmes(tuple[Programme, ...]):
    """Programmes as a cache key: the same when their digests are."""

    __slots__ = ()

    def __new__(cls, programmes: Sequence[Programme]) -> _Programmes:
        return super().__new__(cls, programmes)

    def __hash__(self) -> int:
        return hash(tuple(programme.digest for programme in self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Programmes) and [one.digest for one in self] == [one.digest for one in other]


@lru_cache(maxsize=8)
def _interview(programmes: _Programmes, day: date) -> Interview:
    return Interview([programme.rule for programme in programmes], day, city.counties()[0][0], gates(), asking_ages())


def gates() -> dict[str, str]:
    """For every fact that a list gives of those on it, the fact that says whether someone is on it."""
    found: dict[str, str] = {}
    for declaration in load_lists(settings.LINLI_CITY).values():
        if declaration.presence:
            found |= {column.fact: declaration.presence.fact for column in declaration.fact_columns if column.fact}
    return found


def case_of(visit: Visit, interview: Interview) -> Case:
    """The answers as the engine takes them, with a no for what is not asked at this age; answers no longer asked for are left out."""
    return interview.presumed(_told(visit, interview))


def _told(visit: Visit, interview: Interview) -> Case:
    case = Case()
    for key, value in visit.answers:
        if key in interview.questions:
            case = answered(case, interview.questions[key], value)
    return case


def presumptions(visit: Visit, interview: Interview) -> list[tuple[str, int]]:
    """What is taken to be no because of the asker's age: the fact in words, and the years of age from which it is asked."""
    young = interview.too_young_for(_told(visit, interview).facts)
    return [(fact_words(interview.facts[name]), interview.asking_ages[name]) for name in young]


@dataclass(frozen=True, slots=True)
class Said:
    """One answer, put back into words for checking."""

    key: str
    question: str
    answer: str


def said(visit: Visit, interview: Interview, names: dict[str, Label]) -> list[Said]:
    """Every answer in the order given."""
    case, found = Case(), []
    for key, value in visit.answers:
        question = interview.questions.get(key)
        if question is not None:
            case = answered(case, question, value)
            found.append(Said(key, question_words(question, visit.subject, names), _answer_words(question, value, case)))
    return found


def _answer_words(question: Question, value: Any, case: Case) -> str:
    if value is None:
        return _("不清楚")
    if question.kind == "members":
        return _("、").join(members_words(case)[1:]) or _("独自生活")
    if question.kind == "place":
        away = _("不在%(city)s") % {"city": words(city.city().label)}
        return away if value == ELSEWHERE else words(dict(city.counties()).get(value, value))
    if question.kind != "each":
        return _one_value(question, value)
    pairs = [(name, item) for name, item in zip(members_words(case), value, strict=False) if item is not None]
    if all(isinstance(item, bool) for _name, item in pairs):
        return _("、").join(name for name, item in pairs if item) or _("都没有")
    return "；".join(f"{name} {_one_value(question, item)}" for name, item in pairs)


def _one_value(question: Question, value: Any) -> str:
    if value is None:
        return _("不清楚")
    if isinstance(value, bool):
        return yes_or_no(question, value)
    if isinstance(value, date):
        return day_words(value)
    if isinstance(value, str):
        return value_words(question, value)
    if question.fact and question.fact.type.kind == "money":
        return yuan(value)
    return f"{value:,} {unit_words(question)}".strip()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One programme as the visitor sees it: amount, reasons against, what is still to be found out, papers to bring."""

    programme: Programme
    standing: Standing
    reasons: tuple[Label, ...]
    missing: tuple[Label, ...]
    papers: tuple[Material, ...]

    @property
    def way(self) -> WayIn | None:
        """How it is applied for; the programmes of a visit are in force."""
        return way_in(self.programme, "live")


def outcomes(assessment: Assessment, programmes: Sequence[Programme]) -> dict[str, list[Outcome]]:
    """certain, open and impossible programmes, in the catalogue's order."""
    by_slug = {programme.slug: programme for programme in programmes}
    found: dict[str, list[Outcome]] = {"certain": [], "open": [], "impossible": []}
    for standing in assessment.standings:
        found[standing.state].append(_outcome(by_slug[standing.slug], standing))
    return found


def _outcome(programme: Programme, standing: Standing) -> Outcome:
    labels = {condition.id: condition.label for condition in programme.rule.conditions}
    return Outcome(
        programme,
        standing,
        tuple(labels[name] for name in standing.failed),
        tuple(dict.fromkeys(missing_label(programme.rule, key) for key in standing.missing)),
        tuple(material for material in programme.materials if EXEMPTIONS[material.exempt] is not EXEMPTIONS["data_sharing"]),
    )
