"""A file whose name fills the head of its part: the page says so, and what to do, in both languages; a name of a usual length goes on."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from import_examples import HOME

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("letter", ["名", "a"])
def test_a_name_that_is_too_long_is_refused_with_what_to_do(office: Client, letter: str) -> None:
    def sent(length: int) -> Any:
        file = io.BytesIO("姓名\n".encode())
        file.name = letter * length + ".csv"  # Django's own class for uploads would cut it
        return office.post(HOME, {"file": file, "as_of": "2026-11-01", "area": "1408"})

    answer = sent(3000)
    assert (answer.status_code, "文件名太长" in answer.content.decode(), "把文件名改短" in answer.content.decode()) == (400, True, True)
    office.get("/switch/language:en/")
    page = sent(3000).content.decode()
    assert "shorter name" in page
    assert sent(60).status_code == 302
