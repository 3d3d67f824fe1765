"""A programme from a few answers: its file reads without a fault and says what was answered; what was not stays open."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from linli.programmes.beginning import GIVES, WHOSE, Begun, after, written
from linli.programmes.catalogue import catalogue
from linli.programmes.files import city_vocabulary, read_content
from linli.rules.declare import Label

CITY = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
NAME = Label("邻里餐：“补贴” #1", 'Neighbours\' meals: "aid" #1')


def begun(subject: str, gives: str, yuan: str | None, least_age: int | None) -> Begun:
    document, area = Label("运民发〔2026〕1号: 通知", "Notice 1, 2026: on meals"), ("1408", Label("运城市", "Yuncheng"))
    first = date(2026, 11, 23)
    return Begun("neighbour-meal", NAME, "civil-affairs", "2026", first, document, subject, gives, yuan, least_age, area)


@pytest.mark.parametrize("subject", WHOSE)
@pytest.mark.parametrize("gives", GIVES)
@pytest.mark.parametrize(("yuan", "least_age"), [(None, None), ("50.5", 0), ("600", 70)])
def test_the_answers_make_a_file_without_a_fault(subject: str, gives: str, yuan: str | None, least_age: int | None):
    read = read_content(written(begun(subject, gives, yuan, least_age)).encode(), city_vocabulary(CITY), file="programme.yaml")
    assert [fault.zh for fault in read.faults] == []
    one = read.programme
    assert one is not None
    assert (one.slug, one.label, one.subject, one.version, one.effective_from) == (
        "neighbour-meal",
        NAME,
        subject,
        "2026",
        date(2026, 11, 23),
    )
    assert one.item.body == "civil-affairs"
    pays = gives != "service"
    assert (one.payment is not None) == pays
    assert one.payment is None or one.payment.cycle == gives
    still_open = {"rule.parameters.minimum_age"} if least_age is None else set()
    still_open |= {"rule.parameters.rate"} if pays and yuan is None else set()
    assert {field.path for field in one.open_fields if field.blocking} == still_open


def test_after_every_programme_of_the_city_reads_like_it_but_for_its_names():
    shelf = catalogue(CITY)
    for slug in shelf.slugs:
        model = shelf.newest(slug)
        text = after(model.text, begun("person", "month", None, None))
        read = read_content(text.encode(), city_vocabulary(CITY), file="programme.yaml")
        assert [fault.zh for fault in read.faults] == [], slug
        assert read.programme is not None
        assert (read.programme.slug, read.programme.label, read.programme.effective_to) == ("neighbour-meal", NAME, None)
        assert read.programme.words("zh") == model.words("zh"), slug
