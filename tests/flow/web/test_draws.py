"""Public draws on the pages: anybody has a file recomputed, and whoever altered one is found out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.sampling import Draw, Item, Plan, Reveal, Size, Words, commit, finish, freeze, reveal, write_draw
from linli.web.views import draws

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def drawn() -> tuple[bytes, str]:
    """A finished draw's file, and the digest that was published when its list was frozen."""
    secrets = {"finance": bytes(range(32)), "disability": bytes(range(100, 140))}
    promised = tuple(commit(draw="aid-2026-1", department=name, secret=one, at=NOON) for name, one in secrets.items())
    plan = Plan(
        "aid-2026-1", Words("助学金抽查", "Student aid checks"), "sha256", promised, NOON + 9 * HOUR, {"140802": Size(rate=Fraction(1, 4))}
    )
    draw = Draw(freeze(plan, [Item(f"item-{number}", "140802") for number in range(20)], at=NOON + HOUR))
    for name, one in secrets.items():
        draw = reveal(draw, Reveal(name, one, NOON + 2 * HOUR))
    return write_draw(finish(draw)), draw.frozen.digest


def asked(client: Client, **given: object) -> str:
    page = client.post("/draws/verify/", given)
    assert page.status_code == 200
    return page.content.decode()


def test_anybody_has_a_draw_recomputed_from_its_file_or_its_text(client: Client):
    file, digest = drawn()
    for given in ({"file": SimpleUploadedFile("draw.json", file)}, {"text": file.decode()}):
        page = asked(client, published=digest, **given)
        assert "抽取结果属实" in page
        assert "20 件中抽 5 件" in page
        assert "不符" not in page
        assert "运城市财政局 2026-11-22 12:00:00" in page  # the department by name, the moment in Chinese time
        assert "随机抽查 盐湖区" in page


def test_without_the_published_digest_the_page_says_what_to_compare(client: Client):
    file, digest = drawn()
    assert f'<code class="break">{digest}</code>' in asked(client, text=file.decode())


def test_a_draw_in_which_somebody_put_another_file_is_found_out(client: Client):
    file, _ = drawn()
    altered = json.loads(file)
    first = altered["result"]["drawn"]["140802"]
    other = next(f"item-{number}" for number in range(20) if f"item-{number}" not in first)
    first[0] = other
    page = asked(client, text=json.dumps(altered))
    assert "抽取结果不成立" in page
    assert other in page


def test_another_list_than_the_one_published_is_found_out(client: Client):
    file, _ = drawn()
    assert "抽取结果不成立" in asked(client, text=file.decode(), published=f"sha256:{'0' * 64}")


@pytest.mark.parametrize("text", ["{}", "抽取", '{"format": "linli-draw.1"}', "<script>alert(1)</script>"])
def test_what_is_no_draw_is_refused_beside_its_field(client: Client, text: str):
    page = asked(client, text=text)
    assert "error-summary" in page
    assert "<script>alert" not in page


def test_nothing_given_and_a_file_too_large_are_refused(client: Client, monkeypatch: pytest.MonkeyPatch):
    assert "请选择抽取文件" in asked(client)
    monkeypatch.setattr(draws, "LARGEST", 10)
    assert "linli draw verify" in asked(client, file=SimpleUploadedFile("draw.json", b"x" * 11))
