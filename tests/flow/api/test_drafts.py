"""A draft by program: sent as a file, its faults read, compared, previewed, handed in. Nothing is published by a token."""

from __future__ import annotations

import pytest
from linli_client import Refused
from web_examples import AID

from linli.kernel import clock
from linli.programmes.editing import put
from linli.programmes.models import Draft, ProgrammeVersion
from linli.programmes.queries import live_version
from linli.screening import acts as screening


def next_version() -> str:
    live = live_version(AID, clock.today())
    assert live is not None
    day = clock.today().replace(year=clock.today().year + 1).isoformat()
    return put(put(live.source, "version", "next"), "effective_from", day, "day")


def test_a_draft_is_sent_read_compared_previewed_and_handed_in(city, db, officer):
    asked = {"text": next_version()}
    sent = officer.send_draft(body=asked, key="draft-key-1")
    assert officer.send_draft(body=asked, key="draft-key-1") == sent
    assert sent["revision"] == 1
    uid = sent["id"]
    assert [(one["id"], one["programme"]) for one in officer.list_drafts()["items"]] == [(uid, AID)]
    whole = officer.get_draft(uid=uid)
    assert (whole["text"], whole["state"]) == (asked["text"], "editing")
    found = officer.get_draft_difference(uid=uid)
    assert (found["readable"], found["after"]) == (True, "next")
    assert {one["state"] for one in found["lines"]} <= {"changed", "added", "removed"}
    assert any(one["before"] and one["after"] and one["before"] != one["after"] for one in found["lines"])
    preview = officer.ask_preview(uid=uid)["id"]
    assert (officer.get_preview(uid=preview)["state"], officer.get_preview(uid=preview)["totals"]) == ("waiting", None)
    screening.make_preview(uid=preview)
    figures = officer.get_preview(uid=preview)
    assert (figures["state"], figures["error"]["en"]) == ("finished", "")
    assert (figures["snapshot_day"], figures["outdated"], figures["over"]) == (clock.today().isoformat(), "", None)
    assert figures["totals"]["gains"] == sum(one["gains"] for one in figures["counties"])
    assert not any(one["blocks"] for one in whole["faults"])
    before = ProgrammeVersion.objects.count()
    assert officer.submit_draft(uid=uid, body={"revision": 1})["state"] == "submitted"
    assert ProgrammeVersion.objects.count() == before


def test_the_open_draft_gets_a_revision_and_who_read_an_older_one_is_told(city, db, officer):
    first = officer.send_draft(body={"text": next_version()})
    broken = {"text": f"programme: {AID}\nsubject: [\n", "examples": "examples: []\n"}
    assert officer.send_draft(body=broken)["revision"] == 2
    assert any(one["blocks"] for one in officer.get_draft(uid=first["id"])["faults"])
    assert officer.get_draft_difference(uid=first["id"])["readable"] is False
    with pytest.raises(Refused) as caught:
        officer.send_draft(body={"text": next_version(), "revision": 1})
    assert caught.value.problem["code"] == "programmes.draft_changed"
    with pytest.raises(Refused) as caught:
        officer.submit_draft(uid=first["id"], body={"revision": 2})
    assert caught.value.status == 422
    assert Draft.objects.get(uid=first["id"]).state == "editing"


def test_drafts_are_read_by_auditors_and_not_there_for_a_countys_officer(city, db, officer, local, caller, tokens):
    uid = officer.send_draft(body={"text": next_version()})["id"]
    auditor = caller(tokens.secret(tokens.staff("draft-auditor", ("auditor", "", ""))))
    assert auditor.get_draft(uid=uid)["id"] == uid
    assert local.list_drafts()["items"] == []
    for call in (local.get_draft, local.get_draft_difference, local.ask_preview):
        with pytest.raises(Refused) as caught:
            call(uid=uid)
        assert caught.value.status == 404
    for client in (local, auditor):
        with pytest.raises(Refused) as caught:
            client.send_draft(body={"text": next_version()})
        assert caught.value.status == 403
