"""A town with two circles on either side of a river, and people who work with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from place_examples import FIRST_DAY, SYSTEM
from town_examples import building, circle, opened, people, shop, use
from web_examples import PASSWORD, SmallCity

from linli.circles import standing
from linli.circles.acts.computing import compute
from linli.circles.reading import NewStar
from linli.registers import acts


def text(response: Any) -> str:
    """What a page says, without its marks."""
    page = response if isinstance(response, str) else response.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def signed(login: str) -> Client:
    client = Client()
    client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
    return client


def employed(login: str, role: str, area: str) -> Client:
    who = acts.add_staff(SYSTEM, login=login, name=f"岗位{login}", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=who, role=role, area_code=area, valid_from=FIRST_DAY)
    return signed(login)


@pytest.fixture
def town(small_city: SmallCity, db: None, tmp_path: Path) -> Iterator[None]:
    """Two circles on either side of a river: A has shops, B has none of the four trades; computed."""
    standing.forget()
    use(tmp_path)
    people(building(11, 0), 4)
    people(building(12, 1000), 4)
    people(building(13, 0, 1000), 6)
    star = (NewStar("province", None, date(2025, 12, 1), "名单"),)
    circle("A", -100, -300, 1100, 100, stars=star)
    circle("B", -100, 900, 1100, 1100, kind="old-estate")
    opened(shop("S", ("convenience", "breakfast", "market"), 500), shop("R", "repair", 1100))
    compute(SYSTEM, recount=True)
    yield
    standing.forget()
