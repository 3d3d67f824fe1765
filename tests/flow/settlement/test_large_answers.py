"""A large answer of a bank is read by the worker, piece by piece; what may not be taken is said afterwards, and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from settle_examples import MAKER, THIRD, Treasury, all_paid, answer, build, verdicts

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.settlement import acts
from linli.settlement.acts import answers, outcomes, reading, shelf
from linli.settlement.models import Outcome, OutcomeRow

pytestmark = pytest.mark.django_db
LAYOUT = "transfer"


@pytest.fixture
def treasury(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Treasury:
    """Everything above one row counts as large, and a piece is two rows."""
    settings.LINLI_STATE = tmp_path / "state"
    monkeypatch.setattr(answers, "is_large", lambda _path: True)
    monkeypatch.setattr(answers, "AT_ONCE", 2)
    return build()


def sent(treasury: Treasury, folder: Path, viewer: Viewer = THIRD) -> Outcome:
    treasury.take_over()
    _, asked = treasury.sent(folder, LAYOUT)
    path = folder / "answer"
    path.write_bytes(answer(LAYOUT, all_paid(LAYOUT, asked)))
    return acts.receive(viewer, layout=LAYOUT, path=path, name="answer")


def read(outcome: UUID) -> Outcome:
    reading.read_kept(outcomes.READER, answer=outcome)
    while acts.apply_some(outcome=outcome):
        pass
    return Outcome.objects.get(uid=outcome)


def test_it_is_read_once_the_request_is_over_and_taken_up_after_a_kill(treasury: Treasury, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    found = sent(treasury, tmp_path)
    assert (found.state, OutcomeRow.objects.count(), acts.apply_some(outcome=found.uid)) == ("reading", 0, False)
    assert shelf.path_of(found.file_digest).exists()
    put, done = answers.put, []

    def killed(*told: object) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(put(*told))

    monkeypatch.setattr(answers, "put", killed)
    with pytest.raises(KeyboardInterrupt):
        reading.read_kept(outcomes.READER, answer=found.uid)
    assert OutcomeRow.objects.count() == 2
    monkeypatch.setattr(answers, "put", put)
    after = read(found.uid)
    assert (after.state, after.rows, set(verdicts(after))) == ("done", len(treasury.payments()), {"paid"})
    assert not shelf.path_of(found.file_digest).exists()
    assert acts.receive(THIRD, layout=LAYOUT, path=tmp_path / "answer", name="again").pk == found.pk


def test_who_made_the_file_is_told_afterwards_and_a_third_may_hand_it_in_anew(treasury: Treasury, tmp_path: Path):
    found = sent(treasury, tmp_path, MAKER)
    refused = read(found.uid)
    assert refused.refusal is not None
    assert (refused.state, refused.refusal["code"]) == ("reading", "settlement.same_person")
    assert "paid" not in {one.state for one in treasury.payments()}
    again = acts.receive(THIRD, layout=LAYOUT, path=tmp_path / "answer", name="again")
    assert again.pk == found.pk
    assert set(verdicts(read(again.uid))) == {"paid"}


def test_what_is_no_answer_or_too_long_is_refused(treasury: Treasury, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(answers, "MOST_ROWS", 1)
    found = read(sent(treasury, tmp_path).uid)
    assert found.refusal is not None
    assert found.refusal["code"] == "settlement.too_many_rows"
    assert all(found.refusal.values())
    (tmp_path / "empty").write_bytes(b"\n")
    empty = acts.receive(THIRD, layout=LAYOUT, path=tmp_path / "empty", name="empty")
    assert read(empty.uid).refusal["code"] == "settlement.empty"  # type: ignore[index]


def test_what_is_large_is_told_by_bytes_rows_and_transactions(tmp_path: Path):
    path = tmp_path / "file"
    pair = b"<TxInfAndSts></TxInfAndSts>"
    for content, large in ((b"x\n" * 2000, False), (b"x\n" * 2001, True), (pair * 4001, True), (b"x" * 2**21, True)):
        path.write_bytes(content)
        assert answers.is_large(path) is large
    path.write_bytes(b"x")
    with pytest.raises(LinliError):
        kept_limit(path)


def kept_limit(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(answers.LARGEST_FILE + 1)
    answers.require_not_too_large(path)
