"""查一查, “what can I get?”: anonymous; the caller keeps the answers, nothing is stored or logged."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from linli.api.interviews import case_of, interview_over, programmes_for
from linli.api.responses import answers
from linli.api.shapes import Given, Text
from linli.programmes import Programme
from linli.rules.explain import missing_label
from linli.screening.interview import Question, Standing

router = Router(tags=["check"])


class Answer(Given):
    """One answer. question: its key; value: as the question's kind asks, or null where the person cannot say."""

    question: Annotated[str, Field(max_length=120)]
    value: Any = None


class AnswersGiven(Given):
    """Whom it is about, and the answers so far in the order they were given."""

    subject: Literal["person", "organisation"] = "person"
    answers: Annotated[list[Answer], Field(max_length=200)] = []


class QuestionShape(Schema):
    """One thing to ask; type: of a fact's value. Money is fen, a date YYYY-MM-DD, a decimal text.

    kind: fact, holds (has the programme already: true or false), place (a county's six digits, 000000 outside the city), members (a list
    of roles), each (a list: the asker's, then the members').
    """

    key: str
    kind: str
    name: str
    words: Text | None
    type: str | None
    values: list[str]


class Named(Schema):
    """A condition or a fact with its words."""

    id: str
    words: Text


class StandingShape(Schema):
    """Where one programme stands: certain, open or impossible; why not, and what would still decide it."""

    programme: str
    name: Text
    state: Literal["certain", "open", "impossible"]
    amount_fen: int | None
    failed: list[Named]
    missing: list[Named]


class Assessed(Schema):
    """Where every programme stands, and the question that settles most; null when no answer can change anything."""

    standings: list[StandingShape]
    question: QuestionShape | None
    open_questions: int


@router.post("", response=answers(Assessed), operation_id="check", auth=None)
def check(request: HttpRequest, body: AnswersGiven) -> Assessed:
    """What the answers so far give, and what to ask next. Public; it changes nothing, so it needs no Idempotency-Key."""
    programmes = programmes_for(body.subject)
    interview = interview_over(programmes)
    assessment = interview.assess(case_of(interview, [(one.question, one.value) for one in body.answers]))
    by_slug = {one.slug: one for one in programmes}
    return Assessed(
        standings=[_standing(by_slug[one.slug], one) for one in assessment.standings],
        question=_question(assessment.question) if assessment.question else None,
        open_questions=assessment.open_questions,
    )


def _standing(programme: Programme, one: Standing) -> StandingShape:
    labels = {condition.id: condition.label for condition in programme.rule.conditions}
    missing = {key: missing_label(programme.rule, key) for key in one.missing}
    return StandingShape(
        programme=programme.slug,
        name=Text.of(programme.label),
        state=one.state,
        amount_fen=one.amount_fen,
        failed=[Named(id=key, words=Text.of(labels[key])) for key in one.failed],
        missing=[Named(id=key, words=Text.of(label)) for key, label in missing.items()],
    )


def _question(one: Question) -> QuestionShape:
    fact = one.fact
    return QuestionShape(
        key=one.key,
        kind=one.kind,
        name=one.name,
        words=Text.of(fact.label) if fact else None,
        type=fact.type.kind if fact else None,
        values=list(fact.values) if fact else [],
    )
