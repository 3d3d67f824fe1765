"""What an accepted paper shows: entered by the office with the paper as its source where no register says it, and the rule asked anew."""

from __future__ import annotations

from typing import Any

import pytest
from award_examples import AID, COUNTY, FEDERATION, City, asked, own
from case_examples import refused
from paper_examples import photo

from linli.casework.documents import acts as documents
from linli.casework.models import Case, Document, Letter
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.acts.showing import state_from
from linli.entitlements.letters import told_of
from linli.entitlements.models import Application
from linli.entitlements.reckoning import reckon
from linli.entitlements.sources import stated_by
from linli.programmes.queries import pinned
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
YES = {"has_disability_certificate": True}


def given(city: City, *, checked: bool = True) -> tuple[Case, Document]:
    """Somebody of whom no list says whether they have a certificate hands in a copy."""
    case = asked(city.undecided)
    other = documents.give(own(city.undecided), case.uid, "hardship", photo())
    paper = documents.give(own(city.undecided), case.uid, "certificate", photo())
    acts.accept(COUNTY, case.uid)
    if checked:
        for one in (other, paper):
            documents.check(COUNTY, one.uid, "accepted")
    return case, paper


def application(case: Case) -> Application:
    return Application.objects.select_related("case").get(case=case)


def test_the_paper_answers_what_no_register_says_and_the_letter_names_it(city: City) -> None:
    case, paper = given(city)
    assert "has_disability_certificate" in application(case).missing
    state_from(COUNTY, paper.uid, YES, key="one")
    state_from(COUNTY, paper.uid, YES, key="one")
    row = application(case)
    programme = pinned(AID, case.programme_version or "")
    told = told_of(row, programme)
    assert (dict(told.facts), dict(told.by)) == (YES, {"has_disability_certificate": f"document:{paper.uid}"})
    assert "残疾人证" in stated_by(row, programme, told)["has_disability_certificate"].zh
    assert reckon(programme, row.beneficiary_uid, told).reasons.given == {"has_disability_certificate"}
    assert row.verdict == "eligible"
    (fact,) = Fact.objects.filter(type="entitlements.shown", echo_of=None)
    assert fact.payload["document"] == str(paper.uid)
    steps.pass_on(COUNTY, case.uid)
    acts.decide(FEDERATION, case.uid, "granted")
    assert Letter.objects.filter(case=case, kind="grant").exists()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"is_enrolled_student": True}, "entitlements.not_to_state"),  # another paper shows it
        ({"birth_date": "2000-01-01"}, "entitlements.not_to_state"),  # the population register says it
        ({"has_disability_certificate": "yes"}, "entitlements.bad_value"),
    ],
)
def test_only_what_its_material_gives(city: City, facts: dict[str, Any], code: str) -> None:
    _case, paper = given(city)
    with refused(code):
        state_from(COUNTY, paper.uid, facts)


def test_a_paper_that_nobody_has_accepted_shows_nothing(city: City) -> None:
    case, paper = given(city, checked=False)
    with refused("entitlements.not_accepted"):
        state_from(COUNTY, paper.uid, YES)
    assert application(case).answers_cipher == ""


def test_two_officers_where_the_programme_takes_two(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    case, paper = given(city)
    monkeypatch.setattr("linli.entitlements.acts.showing.takes_two", lambda programme: True)
    with refused("entitlements.second_officer"):
        state_from(COUNTY, paper.uid, YES)
    Document.objects.filter(pk=paper.pk).update(checked_by=FEDERATION.actor)
    state_from(COUNTY, paper.uid, YES)
    assert application(case).verdict == "eligible"


def test_a_register_goes_before_a_paper(city: City) -> None:
    case = asked(city.found)
    paper = documents.give(own(city.found), case.uid, "certificate", photo())
    acts.accept(COUNTY, case.uid)
    documents.check(COUNTY, paper.uid, "accepted")
    state_from(COUNTY, paper.uid, {"has_disability_certificate": False})
    assert application(case).verdict == "eligible"
