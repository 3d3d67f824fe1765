"""A mail address is confirmed before it is used: by whoever reads its mail, within half an hour and five tries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from mailbox_examples import figures
from place_examples import identity, person

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.notices import mail
from linli.notices.models import Preference
from linli.registers.models import Resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(small_city: Resident, settings: Any) -> Resident:
    settings.LINLI_CHANNELS = {"email": "mailbox_examples.Mailbox"}
    return person("测试丁", identity=identity())


def self_of(who: Resident) -> Viewer:
    return Viewer(f"resident:{who.uid}", subject=str(who.uid), level="card")


def test_a_code_for_a_mail_address_holds_five_tries_half_an_hour_and_the_newest_address(who: Resident):
    me = self_of(who)
    mail.ask(me, recipient=who.uid, address="one@city.example", language="zh")
    first = figures()
    with pytest.raises(LinliError, match="too often"):
        mail.ask(me, recipient=who.uid, address="two@city.example", language="zh")
    later = clock.now() + timedelta(minutes=31)
    with clock.frozen(later), pytest.raises(LinliError, match="no longer valid"):
        mail.confirm(me, recipient=who.uid, code=first)
    wrong = "000000" if first != "000000" else "111111"
    for _try in range(mail.TRIES):
        with pytest.raises(LinliError, match="wrong"):
            mail.confirm(me, recipient=who.uid, code=wrong)
    with pytest.raises(LinliError, match="wrong"):
        mail.confirm(me, recipient=who.uid, code=first)
    assert not Preference.objects.exists()


@pytest.mark.parametrize("address", ["no address", "a@b.example\nBcc: c@d", ""])
def test_no_address_is_asked_that_is_none(who: Resident, address: str):
    with pytest.raises(LinliError) as refused:
        mail.ask(self_of(who), recipient=who.uid, address=address, language="zh")
    assert refused.value.code == "notices.bad_address"


def test_nobody_confirms_a_strangers_address(who: Resident):
    other = Viewer("resident:x", subject=str(uuid4()), level="card")
    for attempt in (
        lambda: mail.ask(other, recipient=who.uid, address="a@city.example", language="zh"),
        lambda: mail.confirm(other, recipient=who.uid, code="000000"),
    ):
        with pytest.raises(Refused):
            attempt()


def test_without_a_mail_server_nothing_is_asked(who: Resident, settings: Any):
    settings.LINLI_CHANNELS = {}
    with pytest.raises(LinliError, match="no mail service"):
        mail.ask(self_of(who), recipient=who.uid, address="a@city.example", language="zh")
