"""A backup taken while people work, restored on another machine with a cluster of its own, with both commands killed on the way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
from pathlib import Path

import pytest
from working_city import LINLI, PASSWORD, Browser, City, eventually, free_port

from linli.site.cluster import Cluster

pytestmark = pytest.mark.long
PASSPHRASE = "only for this test, and long"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = Path("/tmp") / f"linli-keep-{os.getpid()}-{tmp_path_factory.mktemp('k').name}"
    folder.mkdir()
    passphrase = folder / "passphrase"
    passphrase.touch(mode=0o600)
    passphrase.write_text(PASSPHRASE)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def city(home):
    made = City(home / "first")
    made.environment["LINLI_ERASURES"] = str(home / "outside" / "erasures.jsonl")
    assert made.linli(*made.import_list()).returncode == 0
    assert made.linli("screen", "--all").returncode == 0
    yield made
    made.cluster.down()


@pytest.fixture
def elsewhere(city, home, tmp_path_factory):
    """The environment of another machine, with a cluster of its own and nothing in it; .cluster is that cluster."""
    state = home / tmp_path_factory.mktemp("second").name
    cluster = Cluster.of(state)
    cluster.up()
    yield cluster, city.environment | {"DATABASE_URL": cluster.url(), "LINLI_STATE": str(state)}
    cluster.down()


def at_work(city: City, stop: threading.Event) -> None:
    """Somebody screens and somebody else records changes, one after the other, until told to stop."""
    code = (
        "from linli.site import environment; environment.prepare()\n"
        "from linli.kernel.viewer import system\n"
        "from linli.registers import acts\n"
        "for number in range(40):\n"
        "    acts.register_resident(system('test'), name='测试新人', phone='12500000000')\n"
    )
    while not stop.is_set():
        city.linli("screen", "--all")
        subprocess.run([sys.executable, "-c", code], env=city.environment, check=True)


def erase_somebody(city: City) -> str:
    """Erase a person who was found by a screening; returns the uid."""
    code = (
        "from linli.site import environment; environment.prepare()\n"
        "from linli.kernel.viewer import system\n"
        "from linli.registers.acts import erase_resident\n"
        "from linli.registers.models import Resident\n"
        "from linli.screening.models import Determination\n"
        "uid = Determination.objects.filter(until=None, subject__in=Resident.objects.values('uid')).order_by('id').first().subject\n"
        "erase_resident(system('test'), resident=Resident.objects.get(uid=uid), reason='test')\n"
        "print(uid)\n"
    )
    return subprocess.run([sys.executable, "-c", code], env=city.environment, check=True, capture_output=True, text=True).stdout.strip()


def killed(command: list[str], environment: dict[str, str], seconds: float) -> bool:
    """Run a command and kill it after so many seconds. False if it had ended before."""
    process = subprocess.Popen([*LINLI, *command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def test_a_backup_taken_at_work_comes_back_on_another_machine_although_everything_is_killed(city, home, elsewhere):
    cluster, environment = elsewhere
    root, sealed = home / "backups", ["--passphrase-file", str(home / "passphrase")]
    stop = threading.Event()
    working = threading.Thread(target=at_work, args=(city, stop))
    working.start()
    cut = [killed(["backup", str(root), *sealed], city.environment, 1.0 + step * 0.4) for step in range(8)]
    taken = city.linli("backup", str(root), *sealed, "--keep", "9")
    stop.set()
    working.join()
    assert any(cut)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert all((path / "manifest.json").exists() for path in root.iterdir() if path.is_dir())
    newest = sorted(path for path in root.iterdir() if path.is_dir())[-1]
    assert city.linli("backup", "check", str(newest), *sealed).returncode == 0
    erased = erase_somebody(city)

    outside = home / "outside" / "erasures.jsonl"
    restore = ["restore", str(newest), *sealed, "--erasures", str(outside)]
    environment = environment | {"LINLI_ERASURES": str(home / "outside of the second" / "erasures.jsonl")}
    seconds, cut = 1.0, []
    while not cut or cut[-1]:
        cut.append(killed(restore, environment, seconds))
        seconds += 0.5
        assert seconds < 120
    assert len(cut) > 3
    again = subprocess.run([*LINLI, *restore], env=environment, capture_output=True, text=True)
    assert "can't be restored into" in again.stderr, again.stdout + again.stderr

    second = City.__new__(City)
    second.cluster, second.environment, second.files = cluster, environment, city.files
    second.assert_whole()
    person = f"FROM registers_resident WHERE uid = '{erased}'"
    assert second.value(f"SELECT name || identity_cipher || phone_cipher || (erased_at IS NOT NULL) {person}") == "true"
    assert second.value(f"SELECT count(*) FROM vault_personkey WHERE subject = '{erased}' AND wrapped IS NOT NULL") == 0
    runs = "SELECT count(*) FROM screening_run WHERE files <> ''"
    assert len(list((Path(environment["LINLI_STATE"]) / "screening" / "runs").iterdir())) >= int(str(second.value(runs))) > 0
    newest_run = second.value("SELECT uid::text FROM screening_run WHERE files <> '' ORDER BY id DESC LIMIT 1")
    replayed = second.linli("screen", "replay", str(newest_run))
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert_served(second)


def assert_served(city: City) -> None:
    """An officer signs in and reads a sensitive value on the new machine."""
    port = free_port()
    server = city.start("serve", "--port", str(port))
    browser = Browser(port)

    def answers() -> bool:
        try:
            return bool(browser.get("/healthz"))
        except (urllib.error.URLError, ConnectionError):
            return False

    try:
        eventually("the site answers", answers)
        browser.post("/office/sign-in/", "/office/sign-in/", login="officer", password=PASSWORD)
        assert "/office/" in browser.get("/office/")
        run = city.value("SELECT uid::text FROM screening_run WHERE eligible > 0 ORDER BY programme, id DESC LIMIT 1")
        page = f"/office/runs/{run}/found/"
        assert browser.post(page + "export/", page, sensitive="1")[:2] == b"PK"
    finally:
        server.terminate()
        server.wait()


def test_a_server_that_loses_its_power_during_a_backup_leaves_none_that_looks_whole(city, home):
    root = home / "backups of another night"
    for seconds in (1.2, 1.8, 2.4):
        process = subprocess.Popen([*LINLI, "backup", str(root), "--without-keys"], env=city.environment, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        city.kill_server()
        process.wait()
    assert city.linli("backup", str(root), "--without-keys").returncode == 0
    for folder in (path for path in root.iterdir() if path.is_dir()):
        assert city.linli("backup", "check", str(folder)).returncode == 0
