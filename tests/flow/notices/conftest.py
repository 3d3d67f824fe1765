"""A small city with the student aid in force, keys and a file for text messages of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from place_examples import SYSTEM, load_small_city
from procrastinate.contrib.django.models import ProcrastinateJob
from screening_examples import AID, certify, put_in_force, student
from standing import standing

from linli.kernel import clock
from linli.kernel.clock import SHANGHAI
from linli.notices import jobs
from linli.programmes.catalogue import catalogue
from linli.registers import acts
from linli.registers.models import Resident
from linli.trace.jobs import react
from linli.vault import keyring

Texts = Callable[[], list[dict[str, Any]]]
PHONE = "12500000001"
NOON = (clock.now() + timedelta(days=1)).astimezone(SHANGHAI).replace(hour=12, minute=0, second=0, microsecond=0)
RUNS = {react.name: react, jobs.mail.name: jobs.mail, jobs.deliver.name: jobs.deliver}


def newly_found() -> Resident:
    """A student with a telephone whom the student aid finds; what notices make of it is left to the tests."""
    who = acts.correct_resident(SYSTEM, resident=student("测试甲"), changes={"phone": PHONE})
    with clock.frozen(NOON):
        certify(who)
        for job in ProcrastinateJob.objects.filter(task_name=react.name, args__reaction="screening.rescreen").order_by("id"):
            react(**job.args)
    return who


@pytest.fixture(scope="module")
def small_city(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Resident]:
    """Built once per file inside a transaction that every test begins from and none can leave. Yields somebody whom it newly found."""
    folder = tmp_path_factory.mktemp("city")
    with pytest.MonkeyPatch.context() as patch, standing(django_db_blocker):
        for name in ("LINLI_KEYS", "LINLI_SMS"):
            patch.delenv(name, raising=False)
        patch.setenv("LINLI_KEY_FILE", str(folder / "keys.json"))
        patch.setenv("LINLI_ERASURES", str(folder / "erasures.jsonl"))
        keyring.write(keyring.new_keyring(), folder / "keys.json")
        load_small_city()
        put_in_force(catalogue(django_settings.LINLI_CITY).newest(AID))
        yield newly_found()


@pytest.fixture
def who(small_city: Resident, city: Path) -> Resident:
    """Whom the student aid has newly found, about whom nobody has been told yet."""
    return small_city


@pytest.fixture
def city(small_city: Resident, db: None, tmp_path: Path, settings: Any) -> Path:
    """Returns the state folder."""
    settings.LINLI_STATE = tmp_path / "state"
    return Path(settings.LINLI_STATE)


@pytest.fixture
def texts(city: Path) -> Texts:
    """The text messages that have left the house."""

    def read() -> list[dict[str, Any]]:
        file = city / "sms.jsonl"
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    return read


@pytest.fixture
def work() -> Callable[[], None]:
    """What the worker does with the jobs of notices and the reactions that lead to them, in this process and this transaction."""
    done: set[int] = set()

    def run() -> None:
        while waiting := ProcrastinateJob.objects.filter(task_name__in=RUNS).exclude(pk__in=done).order_by("id").first():
            done.add(waiting.pk)
            RUNS[waiting.task_name](**waiting.args)

    return run
