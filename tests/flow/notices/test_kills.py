"""kill -9 of processes that hand messages over: each goes out at most once, none is lost from sight."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from place_examples import SYSTEM, identity, load_small_city, person
from together import database_url

from linli.kernel import clock
from linli.notices import acts, delivering
from linli.notices.models import Delivery
from linli.notices.offices import hotline
from linli.notices.recipients import Telling
from linli.registers.facts import IDENTITY_CHECKED
from linli.vault import keyring

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]
HAND_OVER = "import django; django.setup(); from linli.notices import delivering; delivering.deliver_due(10_000)"
PEOPLE, FACTS, KILLS = 10, 40, 8


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    """Four hundred urgent texts to ten people; returns the state folder."""
    monkeypatch.delenv("LINLI_KEYS", raising=False)
    monkeypatch.setenv("LINLI_KEY_FILE", str(tmp_path / "keys.json"))
    monkeypatch.setenv("LINLI_ERASURES", str(tmp_path / "erasures.jsonl"))
    keyring.write(keyring.new_keyring(), tmp_path / "keys.json")
    settings.LINLI_STATE = tmp_path / "state"
    load_small_city()
    people = [person("测试甲", identity=identity(), phone="12500000001") for _ in range(PEOPLE)]
    told = [Telling(fact, one.uid, {}, hotline()) for fact in range(1, FACTS + 1) for one in people]
    assert acts.write(viewer=SYSTEM, fact_type=IDENTITY_CHECKED.name, tellings=told) == PEOPLE * FACTS
    return tmp_path / "state"


def started(state: Path) -> subprocess.Popen[bytes]:
    """A process of its own on the same database and the same file."""
    environment = os.environ | {"DATABASE_URL": database_url(), "LINLI_STATE": str(state), "DJANGO_SETTINGS_MODULE": "linli.site.settings"}
    return subprocess.Popen([sys.executable, "-c", HAND_OVER], env=environment, cwd=django_settings.ROOT)


def gone_out(state: Path) -> Counter[str]:
    """How often each message stands in the gateway's file."""
    file = state / "sms.jsonl"
    lines = file.read_bytes().split(b"\n")[:-1] if file.exists() else []
    return Counter(json.loads(line)["reference"] for line in lines)


def test_every_message_goes_out_at_most_once_and_is_accounted_for(waiting: Path):
    for _ in range(KILLS):
        before = gone_out(waiting).total()
        pair = [started(waiting), started(waiting)]
        while gone_out(waiting).total() < before + 20 and any(one.poll() is None for one in pair):
            time.sleep(0.05)
        for one in pair:
            one.kill()
            one.wait()
    cut_off = Delivery.objects.filter(status="sending").count()
    assert 0 < cut_off <= 2 * KILLS
    assert started(waiting).wait(timeout=120) == 0
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert delivering.settle_abandoned() == cut_off
    assert started(waiting).wait(timeout=60) == 0

    file, states = gone_out(waiting), Counter(Delivery.objects.values_list("status", flat=True))
    assert states == {"sent": PEOPLE * FACTS - cut_off, "failed": cut_off}
    assert set(file.values()) == {1}
    assert {str(uid) for uid in Delivery.objects.filter(status="sent").values_list("uid", flat=True)} <= set(file)
