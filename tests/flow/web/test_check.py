"""查一查 as a visitor uses it: one question at a time, nothing stored, answers changed, results to take along."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linli.web.programme.visit import Visit, live_programmes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programmes")]


ANSWERS: dict[str, dict[str, Any]] = {
    "fact:birth_date": {"answer_0": "2005", "answer_1": "3", "answer_2": "7"},
    "fact:is_enrolled_student": {"answer": "yes"},
    "fact:student_level": {"answer": "undergraduate"},
    "fact:has_disability_certificate": {"answer": "yes"},
}


class Visitor:
    """Goes through the questions as a browser without scripts would."""

    def __init__(self) -> None:
        self.client = Client()
        self.post({"subject": "person"})

    def post(self, data: dict[str, Any]) -> None:
        self.page = self.client.post("/check/", data)
        text = self.page.content.decode()
        self.visit = re.search(r'name="visit" value="([^"]*)"', text)[1]
        found = re.search(r'name="question" value="([^"]*)"', text)
        self.question = found[1] if found else None

    def send(self, **data: Any) -> None:
        self.post({"visit": self.visit, "question": self.question or "", **data})

    def answer(self) -> None:
        if self.question in ANSWERS:
            self.send(**ANSWERS[self.question])
        elif self.question.startswith("place:"):
            self.send(answer="140802")
        else:
            self.send(skip="1")

    @property
    def text(self) -> str:
        return self.page.content.decode()


def test_a_visitor_reaches_a_result_with_amount_papers_and_reasons():
    visitor, asked = Visitor(), []
    while visitor.question:
        asked.append(visitor.question)
        visitor.answer()
    assert len(asked) == len(set(asked)) < 25
    assert "您可以享受 1 项政策" in visitor.text
    assert "5,000 元" in visitor.text
    assert "本人银行账户" in visitor.text
    assert "残疾儿童抢救性康复救助" in visitor.text.split("暂不能享受")[1]


def test_nothing_is_stored_and_no_cookie_is_set():
    visitor = Visitor()
    with CaptureQueriesContext(connection) as queries:
        for _step in range(4):
            visitor.answer()
    assert not visitor.client.cookies
    assert not [query["sql"] for query in queries if not query["sql"].startswith("SELECT")]
    assert visitor.page["Cache-Control"].startswith("max-age=0")


def test_a_wrong_answer_is_explained_at_the_top_and_at_the_field():
    visitor = Visitor()
    visitor.send(answer_0="1950", answer_1="2", answer_2="30")
    assert "没有这一天" in visitor.text
    assert 'class="error-summary"' in visitor.text
    assert 'href="#answer-answer_0"' in visitor.text
    visitor.send()
    assert "请先回答" in visitor.text


def test_going_back_and_changing_an_answer_ask_the_question_again_and_keep_the_others():
    visitor = Visitor()
    first = visitor.question
    visitor.answer()
    second = visitor.question
    visitor.answer()
    visitor.send(back="1")
    assert visitor.question == second
    visitor.send(change=first)
    assert visitor.question == first
    assert [key for key, _value in Visit.read(visitor.visit).answers] == []
    visitor.answer()
    assert visitor.question == second


def test_answers_survive_a_change_of_language_and_edition():
    visitor = Visitor()
    visitor.answer()
    before = visitor.question
    visitor.send(switch="language:en")
    assert (visitor.question, visitor.page.cookies["linli_language"].value) == (before, "en")
    assert "Continue" in visitor.text
    visitor.send(switch="edition:elder")
    assert 'data-edition="elder"' in visitor.text
    assert len(Visit.read(visitor.visit).answers) == 1


def test_answers_that_were_not_sealed_here_are_refused_without_harm(client: Client):
    strange = signing.dumps([1, 2], salt="linli.web.programme.visit"), signing.dumps("x", salt="other")
    for sealed in ("nonsense", "a:b:c", *strange):
        response = client.post("/check/", {"visit": sealed, "question": "members"})
        assert response.status_code == 400
        assert "请重新开始" in response.content.decode()


def test_the_answers_are_not_in_the_address():
    visitor = Visitor()
    visitor.answer()
    assert visitor.page.request["QUERY_STRING"] == ""


def test_an_unknown_kind_of_subject_is_taken_for_a_person(client: Client):
    answer = client.post("/check/", {"subject": "x"})
    assert answer.status_code == 200
    assert 'name="visit"' in answer.content.decode()


def test_for_a_small_child_the_family_sees_what_was_not_asked_and_why():
    visitor, asked = Visitor(), []
    while visitor.question:
        asked.append(visitor.question)
        if visitor.question == "fact:birth_date":
            visitor.send(answer_0="2021", answer_1="5", answer_2="1")
        else:
            visitor.answer()
    assert "fact:birth_date" in asked
    assert not {"fact:is_registered_unemployed", "fact:has_startup_loan", "fact:is_enrolled_student"} & set(asked)
    assert "按年龄没有问" in visitor.text
    assert "满 6 周岁才问" in visitor.text


def test_a_certificate_is_held_or_not_held():
    visitor = Visitor()
    while visitor.question != "fact:has_disability_certificate":
        visitor.answer()
    assert "没有" in visitor.text
    visitor.send(answer="no")
    assert re.search(r"您有残疾人证吗？</span><br>没有", visitor.text)


def test_what_was_said_of_one_person_stands_when_the_next_one_is_told():
    visit = Visit().with_answer("each:monthly_income", [150_000, None]).with_answer("each:monthly_income", [None, 120_000])
    assert dict(visit.answers) == {"each:monthly_income": [150_000, 120_000]}
    assert dict(visit.without("each:monthly_income").with_answer("each:monthly_income", [None, 9]).answers) == {
        "each:monthly_income": [None, 9]
    }


def test_a_household_question_answered_in_two_steps_is_asked_of_the_rest_and_not_again():
    visitor, steps = Visitor(), 0
    while visitor.question and not visitor.question.startswith("each:monthly_income") and steps < 40:
        steps += 1
        if visitor.question == "fact:birth_date":
            visitor.send(answer_0="1948", answer_1="5", answer_2="6")
        elif visitor.question == "members":
            visitor.send(spouse="1")
        elif visitor.question.startswith("each:"):
            visitor.send(answer="none")
        elif visitor.question.startswith("place:"):
            visitor.send(answer="140802")
        else:
            visitor.send(answer="no")
    asked = visitor.question
    assert asked == "each:monthly_income"
    visitor.send(person0="1500")
    assert visitor.question == asked
    assert "收入" in re.search(r"<h1[^>]*>(.*?)</h1>", visitor.text, re.DOTALL)[1]
    visitor.send(person1="1200")
    assert visitor.question != asked


def test_nobody_is_asked_about_what_only_they_themselves_begin():
    found = {one.slug for one in live_programmes("person")}
    assert "disabled-student-aid" in found
    assert not found & {"medical-reimbursement", "platform-injury-cover", "unemployment-registration", "transfer-with-mortgage"}
