"""Facts go out signed, at least once, to public addresses only, and can be sent again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from linli_client import Forged, Refused, webhook_message
from place_examples import FIRST_DAY, SYSTEM, person
from web_examples import AID

from linli.api import jobs, reactions, signing
from linli.api.models import Delivery, Webhook
from linli.kernel import clock
from linli.registers import acts as registers
from linli.registers.models import StaffGrant
from linli.screening import asking
from linli.screening.models import Asked
from linli.trace.models import Done, Fact

TYPE = "registers.resident_registered"


class Receiver:
    """An address of our own that keeps what it was told and answers with `status`."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(outer.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.LINLI_WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    one = Receiver()
    yield one
    one.server.shutdown()
    one.server.server_close()


def happened() -> Fact:
    """A resident is registered, and the reaction that the worker would run has run."""
    who = person("测试戊")
    fact = Fact.objects.get(subject=f"resident:{who.uid}", type=TYPE)
    reactions.tell([fact])
    return fact


def test_a_fact_arrives_once_signed_and_whole(city, db, officer, receiver):
    added = officer.add_webhook(body={"address": receiver.address, "types": [TYPE]}, key="hook-key-1")
    again = officer.add_webhook(body={"address": receiver.address, "types": [TYPE]}, key="hook-key-1")
    assert (again["webhook"], again["secret"]) == (added["webhook"], None)
    fact = happened()
    reactions.tell([fact])
    assert jobs.send_due() == 1
    assert jobs.send_due() == 0
    ((headers, body),) = receiver.heard
    message = json.loads(body)
    assert (message["type"], message["subject"], message["data"]) == (TYPE, fact.subject, fact.payload)
    expected = signing.signature(added["secret"], headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    assert headers["webhook-signature"] == expected
    assert headers["webhook-id"] == message["id"]
    (row,) = officer.list_deliveries(uid=added["webhook"]["id"])["items"]
    assert (row["status"], row["attempts"], row["status_code"]) == ("sent", 1, 204)


def as_the_docs_say(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """docs/api.md, "Webhooks", by the standard library alone: nothing of ours, nothing of the client."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(expected, headers["webhook-signature"])


def test_a_stranger_verifies_a_message_from_the_docs_alone(city, db, officer, receiver):
    added = officer.add_webhook(body={"address": receiver.address, "types": [TYPE]})
    happened()
    jobs.send_due()
    ((headers, body),) = receiver.heard
    assert as_the_docs_say(added["secret"], headers, body)
    assert not as_the_docs_say(added["secret"], headers, body + b" ")
    assert not as_the_docs_say("whsec_" + base64.b64encode(b"another" * 5).decode(), headers, body)


def test_a_receiver_takes_a_message_in_once_and_nothing_that_was_altered_or_is_old(city, db, officer, receiver, monkeypatch):
    """Replayed, forged, altered, from yesterday, under another webhook's secret: the generated client refuses each."""
    added, other = (officer.add_webhook(body={"address": receiver.address, "types": [TYPE]}) for _each in range(2))
    assert added["secret"] != other["secret"]
    fact = happened()
    jobs.send_due()
    headers, body = next((h, b) for h, b in receiver.heard if json.loads(b)["id"] in _ids(officer, added))
    taken: set[str] = set()
    message = webhook_message(added["secret"], headers, body, taken)
    assert message["subject"] == fact.subject
    with pytest.raises(Forged, match="before"):
        webhook_message(added["secret"], headers, body, taken)
    changed = {**headers, "webhook-id": "another"}
    for secret, named, content in (
        (other["secret"], headers, body),
        (added["secret"], headers, body + b" "),
        (added["secret"], changed, body),
        (added["secret"], {**headers, "webhook-signature": ""}, body),
        (added["secret"], {**headers, "webhook-signature": "v1,é"}, body),
        (added["secret"], {**headers, "webhook-timestamp": "soon"}, body),
        (added["secret"], {**headers, "webhook-timestamp": "1"}, body),
        (added["secret"], {}, body),
    ):
        with pytest.raises(Forged):
            webhook_message(secret, named, content, set())
    later = time.time() + 301
    monkeypatch.setattr("linli_client.time.time", lambda: later)
    with pytest.raises(Forged, match="timestamp"):
        webhook_message(added["secret"], headers, body, set())


def _ids(officer, added) -> set[str]:
    return {row["id"] for row in officer.list_deliveries(uid=added["webhook"]["id"])["items"]}


def test_a_secret_is_random_sealed_and_not_the_installations(city, db, officer, receiver, settings):
    added = officer.add_webhook(body={"address": receiver.address, "types": [TYPE]})
    row = Webhook.objects.get()
    assert added["secret"] not in str(row.secret_cipher)
    settings.SECRET_KEY = "another"
    assert signing.secret_of(row) == added["secret"]
    Webhook.objects.update(secret_cipher=None)
    happened()
    jobs.send_due()
    assert receiver.heard == []
    assert "no secret" in Delivery.objects.get().error


def test_the_answer_to_a_write_is_kept_for_seven_days(city, db, officer, receiver):
    body = {"address": receiver.address, "types": [TYPE]}
    added = officer.add_webhook(body=body, key="hook-key-1")
    for days, same in ((6, True), (8, False)):
        with clock.frozen(clock.now() + timedelta(days=days)):
            jobs.forget_answers(timestamp=0)
        assert Done.objects.filter(key__startswith="api:").exists() == same
    assert officer.add_webhook(body=body, key="hook-key-1")["webhook"]["id"] != added["webhook"]["id"]


def test_what_fails_is_tried_again_later_and_later_then_given_up_and_can_be_replayed(city, db, officer, receiver, monkeypatch):
    hook = officer.add_webhook(body={"address": receiver.address, "types": [TYPE]})["webhook"]["id"]
    receiver.status = 302
    happened()
    now = clock.now()
    waits = []
    for attempt in range(1, len(jobs.BACKOFF) + 2):
        monkeypatch.setattr("linli.api.jobs.clock.now", lambda moment=now: moment)
        assert jobs.send_due() == 1, attempt
        assert jobs.send_due() == 0, "not before it is due"
        row = Delivery.objects.get()
        waits.append((row.due_at - now).total_seconds())
        now = max(row.due_at, now + timedelta(seconds=61))
    assert tuple(waits[:-1]) == jobs.BACKOFF
    assert (row.status, row.error) == ("failed", "answered 302")
    assert len(receiver.heard) == len(jobs.BACKOFF) + 1, "redirects are not followed"
    receiver.status = 200
    replayed = officer.replay_delivery(uid=str(row.uid))
    assert replayed["status"] == "waiting"
    jobs.send_due()
    assert officer.list_deliveries(uid=hook)["items"][0]["status"] == "sent"
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1


def test_a_worker_that_dies_with_a_delivery_in_hand_leaves_it_to_the_next(city, db, officer, receiver, monkeypatch):
    officer.add_webhook(body={"address": receiver.address, "types": [TYPE]})
    happened()
    now = clock.now()
    taken = jobs._take(now)
    assert taken is not None
    assert jobs._take(now) is None, "nobody else has it meanwhile"
    assert jobs._take(now + jobs.LEASE) is not None


def test_it_hears_its_own_area_only_and_nothing_after_its_grant_or_itself_has_ended(city, db, caller, tokens, receiver):
    who = tokens.staff("hooked", ("officer", "140802", ""))
    client = caller(tokens.secret(who))
    wide = {"address": receiver.address, "types": [TYPE]}
    with pytest.raises(Refused) as caught:
        client.add_webhook(body=wide)
    assert caught.value.status == 403
    hook = client.add_webhook(body={**wide, "area": "140802"})["webhook"]["id"]
    elsewhere = person("测试己", situations=[registers.Lives("registered", "140882100201", FIRST_DAY)])
    reactions.tell(list(Fact.objects.filter(subject=f"resident:{elsewhere.uid}", type=TYPE)))
    assert not Delivery.objects.exists()
    happened()
    registers.end_grant(SYSTEM, grant=StaffGrant.objects.get(staff=who), on=clock.today())
    jobs.send_due()
    assert receiver.heard == []
    assert Delivery.objects.get().status == "failed"
    other = caller(tokens.secret(tokens.staff("security", ("security", "", ""))))
    assert other.end_webhook(uid=hook)["ended_at"]
    happened()
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://93.184.216.34/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::10.0.0.1]/",
        "https://[64:ff9b:1::127.0.0.1]/",
        "https://[::127.0.0.1]/",
        "https://[fec0::1]/",
        "https://192.0.0.192/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://2130706433/",
        "https://localhost/",
        "https://user@93.184.216.34/",
        "ftp://93.184.216.34/",
        "https://93.184.216.34:99999/",
        "https:///nothing",
        "https://93.184.216.34/\r\nhost: inside",
    ],
)
def test_addresses_of_our_own_network_are_refused(city, db, officer, address):
    with pytest.raises(Refused) as caught:
        officer.add_webhook(body={"address": address, "types": [TYPE]})
    assert (caught.value.status, caught.value.problem["code"]) == (422, "api.address_refused")
    assert not Webhook.objects.exists()


def test_a_name_that_moves_inside_after_it_was_allowed_is_not_called(city, db, officer, receiver, settings):
    officer.add_webhook(body={"address": receiver.address, "types": [TYPE]})
    happened()
    settings.LINLI_WEBHOOK_NETWORKS = []
    jobs.send_due()
    assert receiver.heard == []
    assert "may not be called" in Delivery.objects.get().error


def test_types_that_are_not_offered_are_refused(city, db, officer):
    assert TYPE in [one["type"] for one in officer.list_fact_types()["items"]]
    with pytest.raises(Refused) as caught:
        officer.add_webhook(body={"address": "https://93.184.216.34/", "types": ["registers.staff_added"]})
    assert caught.value.problem["code"] == "api.bad_webhook"


def test_a_screening_that_was_asked_for_is_run_by_the_worker(city, db, officer):
    officer.ask_screening(body={"programmes": [AID]})
    asking.answer(uids=[Asked.objects.get().uid])
    assert officer.list_screenings(programme=AID)["items"][0]["id"] != str(city.run.uid)
