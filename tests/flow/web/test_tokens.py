"""Tokens on the page of one's account: within one's own grants, shown once, ended at any moment."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from place_examples import SYSTEM
from web_examples import PASSWORD, SmallCity

from linli.kernel.viewer import Grant
from linli.registers import acts
from linli.registers.ports import token_desk
from linli.registers.queries import viewer_of

pytestmark = pytest.mark.django_db
FORM = {"label": "测试系统", "grants": "0", "days": "30", "password": PASSWORD}


def text(response: Any) -> str:
    return str(response.content.decode())


def called(secret: str) -> Any:
    return Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/me")


def test_a_token_is_shown_once_calls_with_the_chosen_grant_and_ends_at_once(local_office: Client, small_city: SmallCity):
    assert "盐湖区" in text(local_office.get("/admin/account/tokens/"))
    page = text(local_office.post("/admin/account/tokens/", FORM))
    secret = page.split('<dd class="figures" lang="en">')[1].split("<")[0]
    me = called(secret).json()
    assert [(grant["role"], grant["area"]) for grant in me["grants"]] == [("officer", "140802")]
    listed = text(local_office.get("/admin/account/tokens/"))
    assert "测试系统" in listed
    assert secret not in listed
    (seen,) = token_desk().own(viewer_of(small_city.local))
    assert seen.last_used_at is not None
    local_office.post(f"/admin/account/tokens/{seen.uid}/end/")
    assert called(secret).status_code == 401
    assert "已停用" in text(local_office.get("/admin/account/tokens/"))


def test_a_token_needs_the_password_and_carries_nothing_that_is_not_ones_own(local_office: Client, small_city: SmallCity):
    for wrong in ({"password": "wrong"}, {"grants": "1"}, {"grants": ""}, {"days": "4000"}, {"label": ""}):
        assert local_office.post("/admin/account/tokens/", {**FORM, **wrong}).status_code == 400
    assert token_desk().own(viewer_of(small_city.local)) == []


def test_nobody_sees_or_ends_a_colleagues_token(local_office: Client, small_city: SmallCity):
    officer = viewer_of(small_city.officer)
    secret = token_desk().make(officer, label="别人的系统", grants=[Grant("officer", "140802")], days=7)
    (seen,) = token_desk().own(officer)
    assert "别人的系统" not in text(local_office.get("/admin/account/tokens/"))
    local_office.post(f"/admin/account/tokens/{seen.uid}/end/")
    assert called(secret).status_code == 200


def test_without_a_grant_there_is_nothing_to_choose(small_city: SmallCity):
    acts.add_staff(SYSTEM, login="idle", name="测试闲", password=PASSWORD)
    client = Client()
    client.post("/office/sign-in/", {"login": "idle", "password": PASSWORD})
    assert client.post("/admin/account/tokens/", FORM).status_code == 400
