"""One month's batch from opened to closed, moved by what people at their desks do: forms of the pages, sent again when no answer came."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from soak_bank import LAYOUT, Bank, file_of
from soak_staff import Officer, Watch, look, tell, until
from soak_storm import Storm
from working_city import City

from linli.kernel import clock
from linli.sampling import commit, new_secret

STANDING = "SELECT uid::text FROM batches_batch WHERE period = '{}' ORDER BY id LIMIT 1"


@dataclass
class Round:
    """maker and checker work on it, teller reads what the bank says. payments: how many there are to be."""

    city: City
    storm: Storm
    maker: Officer
    checker: Officer
    teller: Officer
    bank: Bank
    programme: str
    period: str
    payments: int
    watch: Watch

    def value(self, query: str) -> Any:
        return look(self.city, query)

    def until(self, what: str, query: str, do: Callable[[], Any]) -> Any:
        """Press until the database says so."""
        return until(what, lambda: self.value(query), do, self.watch)

    def wait(self, what: str, query: str) -> Any:
        """The same where nobody has anything to press."""
        return self.until(what, query, lambda: time.sleep(0.3))

    def one_by_one(self, what: str, waiting: str, do: Callable[[str], Any]) -> None:
        """Do each that waits, in turn, again where no answer came."""
        left, last, done = f"SELECT coalesce(({waiting}), 'none')", "", 0
        while (one := self.value(left)) != "none":
            if one and one != last:
                last, done = one, done + 1
            self.watch.check(what)
            if one:
                do(one)
        if done:
            tell(f"{what}: {done}")

    def walk(self) -> None:
        """From opened to closed; each piece by a form of the pages."""
        asked = {"period": self.period, "area": ""}
        opened = STANDING.format(self.period)
        uid = self.until("the batch is opened", opened, lambda: self.maker.send(f"/batches/new/{self.programme}/", **asked))
        state = f"SELECT count(*) FROM batches_batch WHERE uid = '{uid}' AND state = '{{}}'"
        self.page = f"/batches/{uid}/"
        listed = f"SELECT count(*) FROM batches_item i JOIN batches_batch b ON b.id = i.batch_id WHERE b.uid = '{uid}'"
        self.storm.at("gather")
        self.until("everybody is listed", f"SELECT ({listed}) = {self.payments}", lambda: self.maker.send(self.page, verb="gather"))
        self._drawn(uid, state)
        self._checked(uid)
        self.storm.at("approve")
        self.until("it is approved", state.format("approved"), lambda: self.checker.send(self.page, verb="approve"))
        self.storm.at("take over")
        self.wait("it is taken over", f"SELECT count(*) = {self.payments} FROM settlement_payment WHERE batch = '{uid}'")
        while not self.value(state.format("closed")):
            self._paid(uid)
            self._corrected(uid)

    def _drawn(self, uid: str, state: str) -> None:
        """Two departments promise, the list is frozen, both tell."""
        draw = f"SELECT {{}} FROM batches_draw d JOIN batches_batch b ON b.id = d.batch_id WHERE b.uid = '{uid}'"
        day = clock.today() + timedelta(days=2)
        fields = {"reveal_by_0": str(day.year), "reveal_by_1": str(day.month), "reveal_by_2": str(day.day), "lottery": ""}
        made = self.until("there is a draw", draw.format("d.uid::text"), lambda: self.maker.send(f"{self.page}draw/", **fields))
        code, page = self.wait("the draw has its code", draw.format("d.code")), f"/batches/draws/{made}/"
        told = {"civil-affairs": (self.maker, new_secret()), "finance": (self.checker, new_secret())}
        secrets = f"SELECT count(*) FROM batches_secret s JOIN batches_draw d ON d.id = s.draw_id WHERE d.uid = '{made}'"
        for name, (officer, secret) in told.items():
            one = commit(draw=code, department=name, secret=secret, at=clock.now())
            text = json.dumps({"department": name, "salt": one.salt.hex(), "length": one.length, "digest": one.digest})
            promised = f"{secrets} AND department = '{name}'"
            self.until("a secret is promised", promised, lambda o=officer, t=text: o.send(page, verb="commit", commitment=t))
        self.storm.at("freeze")
        frozen = f"SELECT count(*) FROM batches_batch WHERE uid = '{uid}' AND frozen_at IS NOT NULL"
        self.until("the list is frozen", frozen, lambda: self.maker.send(self.page, verb="freeze"))
        for number, (name, (officer, secret)) in enumerate(told.items()):
            if number:
                self.storm.at("draw")
            revealed = f"{secrets} AND department = '{name}' AND secret <> ''"
            said = {"verb": "reveal", "department": name, "secret": secret.hex()}
            self.until("a secret is told", revealed, lambda o=officer, s=said: o.send(page, **s))
        self.wait("the draw is made", state.format("checking"))

    def _checked(self, uid: str) -> None:
        """Every check that was drawn is done, one form each, by another than who made the list."""
        self.storm.at("check")
        waiting = (
            "SELECT c.uid::text FROM batches_check c JOIN batches_item i ON i.id = c.item_id JOIN batches_batch b ON b.id = i.batch_id "
            f"WHERE b.uid = '{uid}' AND c.result = '' ORDER BY c.id LIMIT 1"
        )
        fields = {"result": "passed", "words": ""}
        self.one_by_one("files checked", waiting, lambda check: self.checker.send(f"/batches/checks/{check}/", **fields))

    def _paid(self, uid: str) -> None:
        """One bank file: made, released by the other, taken to the bank, answered."""
        self.storm.at("fill")
        open_order = f"SELECT uid::text FROM settlement_order WHERE batch = '{uid}' AND state NOT IN ('dropped', 'settled') LIMIT 1"
        payer = str(self.wait("the payer is known", "SELECT uid::text FROM settlement_payer LIMIT 1"))
        fields = {"layout": LAYOUT, "payer": payer, "project_code": "YC0001", "day": clock.today().isoformat()}
        done = f"SELECT count(*) FROM batches_batch WHERE uid = '{uid}' AND state = 'closed'"
        ready = f"SELECT count(*) FROM settlement_payment WHERE batch = '{uid}' AND state = 'ready'"

        def make() -> None:
            if self.value(ready):
                self.maker.send(f"/office/payments/batches/{uid}/", **fields)

        order = until("a file is begun", lambda: self.value(open_order) or self.value(done), make, self.watch)
        if not isinstance(order, str):
            return
        page = f"/office/payments/orders/{order}/"
        state = f"SELECT count(*) FROM settlement_order WHERE uid = '{order}' AND state IN ({{}})"
        self.wait("the file is made", state.format("'made', 'released', 'handed_over', 'settled'"))
        released = state.format("'released', 'handed_over', 'settled'")
        self.until("the file is released", released, lambda: self.checker.send(f"{page}decide/", page, release="1"))
        self.storm.at("hand over")
        self._answered(order, page, self._handed_over(order, page))

    def _handed_over(self, order: str, page: str) -> bytes:
        """The file: at once, or where it is long written by a worker and then taken."""
        files: list[bytes] = []
        mine = f"SELECT {{}} FROM web_download WHERE listing = 'bank-file' AND parameters->>'order' = '{order}' AND state IN ({{}}) LIMIT 1"

        def fetch() -> None:
            written = self.value(mine.format("uid::text", "'finished'"))
            if written:
                place = f"/office/downloads/{written}/"
                found = self.checker.send(f"{place}file/", place)
            elif self.value(mine.format("uid::text", "'waiting', 'running'")):
                found = time.sleep(0.3)
            else:
                found = self.checker.send(f"{page}file/", page)
            if found and found[:1] == b"1":
                files.append(found)

        until("the file is handed over", lambda: files, fetch, self.watch)
        return files[0]

    def _answered(self, order: str, page: str, file: bytes) -> None:
        """The bank is given the file twice, and so are we its answer, the second time backwards."""
        self.storm.at("read")
        said = self.bank.take(file)
        assert self.bank.take(file) == said
        folder = self.city.files
        folder.mkdir(exist_ok=True)
        backwards = folder / f"{order}-again"
        for path, rows in ((folder / order, said), (backwards, said[::-1])):
            path.write_bytes(file_of(rows))
            received = f"SELECT count(*) FROM settlement_outcome WHERE file_name = '{path.name}'"
            self.until("the answer is taken", received, lambda path=path: self.teller.upload(page, path))
            self.storm.at("apply")
        self.wait(
            "the answer is dealt with", f"SELECT count(*) = 2 FROM settlement_outcome WHERE file_name LIKE '{order}%' AND state = 'done'"
        )

    def _corrected(self, uid: str) -> None:
        """Every payment that failed gets another account."""
        self.storm.at("correct")
        failed = f"SELECT uid::text FROM settlement_payment WHERE batch = '{uid}' AND state IN ('failed', 'waiting') ORDER BY id LIMIT 1"
        self.one_by_one("accounts corrected", failed, self._give_account)

    def _give_account(self, payment: str) -> None:
        columns = "SELECT {} FROM settlement_payment p JOIN registers_resident r ON r.uid = p.person WHERE p.uid = '" + payment + "'"
        name, award = self.value(columns.format("r.name")), self.value(columns.format("p.award::text"))
        if name and award:
            number = f"63{int(award.replace('-', '')[-12:], 16) % 10**14:014}"
            self.maker.send(f"/office/payments/payment/{payment}/", name=name, number=number, bank="")
