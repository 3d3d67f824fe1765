"""The papers of one case: what was asked, decided, written, handed in, paid and recorded, each under its number in the contents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from linli import vault
from linli.archives import history, money, wording
from linli.archives.folders import Added
from linli.archives.pages import Contents, Link, Section, page
from linli.casework import queries as cases
from linli.casework.documents.pages import every_page
from linli.casework.documents.queries import documents_of, label_of, materials_of
from linli.casework.kinds import APPLICATION, KINDS
from linli.casework.letters.queries import kind_label, letters_of, number_of, pdf, state_of
from linli.casework.models import Case, Document, Letter, Words
from linli.casework.receipts import grouped
from linli.casework.steps.notes import notes
from linli.entitlements.letters import ON_LINE
from linli.entitlements.models import Application, Decision
from linli.entitlements.paying import other_payee
from linli.entitlements.queries import Progress, progress
from linli.entitlements.sources import stated_by
from linli.entitlements.told import NOTHING, open_facts, shown_facts, told_of
from linli.kernel.clock import SHANGHAI
from linli.kernel.money import yuan_text
from linli.kernel.viewer import Viewer
from linli.registers.models import Resident
from linli.rules.declare import Label
from linli.settlement.checking import given_of
from linli.vault.files import acts as files

PURPOSE = "archives.export"
SEEN = 4
"""Signs of an identity or account number that an archive shows where it isn't wanted in full."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How an archive is written. site: where QR codes of letters lead, "https://host"; in_full: identity and account numbers unmasked."""

    language: str
    site: str
    in_full: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """A case that was written: for the list of a batch."""

    receipt: str
    title: Label
    person: str
    papers: int
    index: Added


class CasePapers:
    """A case while it is being written. The caller has checked that the viewer may have it."""

    def __init__(self, viewer: Viewer, case: Case, contents: Contents, wish: Wish) -> None:
        self.viewer, self.case, self.contents, self.wish = viewer, case, contents, wish
        self.said = contents.said
        self.erased = vault.is_erased(case.subject_uid)
        self.application = Application.objects.select_related("case").filter(case=case).first() if case.kind == APPLICATION.slug else None
        self.progress = progress(case) if self.application is not None else None
        self.title = cases.subject_matter(case) or Label(KINDS[case.kind].zh, KINDS[case.kind].en)

    def write(self) -> Filed:
        """Every paper in its order, then the contents."""
        self._page("application.html", self.said("申请和受理", "Application and acceptance"), self._asked(), day=self.case.opened_at)
        if self.progress is not None and self.application is not None:
            self._decisions(self.progress, self.application)
            self._page("steps.html", self.said("办理经过和签署", "Steps and signatures"), self._steps(self.progress))
        self._letters()
        self._documents()
        self._page(
            "payments.html",
            self.said("发放和银行结果", "Payments and the bank's answers"),
            [*money.stands(self.said, self.case), *self._payments()],
        )
        self._page("batches.html", self.said("批次、核查、公示和抽取", "Batches, checks, notices and draws"), self._batches())
        facts = history.facts_of(self.case)
        self._page("history.html", self.said("留痕", "History"), [history.section(self.said, facts, self.case.subject)])
        self.contents.add("facts.jsonl", self.said("留痕的校验数据", "History, to be checked"), history.lines(facts))
        index = self.contents.close(f"{self.said.cell(self.title)} {grouped(self.case.receipt)}", [self._cover()])
        return Filed(self.case.receipt, self.title, cases.name_of(self.case), len(self.contents.entries), index)

    def _page(self, name: str, title: str, sections: Iterable[Section], *, day: Any = None) -> None:
        self.contents.add(name, title, page(self.said, title, sections), day=day and day.astimezone(SHANGHAI).date())

    def reveal(self, field: str, ciphers: Sequence[str]) -> list[str]:
        """Plain texts in order, "" for none and of an erased person; each reading is recorded for the person."""
        if self.erased:
            return ["" for _ in ciphers]
        people = [(self.case.subject_uid, {field: cipher}) for cipher in ciphers]
        opened = vault.reveal_many(self.viewer, purpose=PURPOSE, people=people, place=self.case.area_code) if people else []
        return [one.get(field, "") for one in opened]

    def _cover(self) -> Section:
        case, said = self.case, self.said
        who = Resident.objects.filter(uid=case.subject_uid).first()
        identity = self.reveal("identity", [who.identity_cipher])[0] if who is not None else ""
        rows: list[tuple[str, Any]] = [
            (said("回执编号", "receipt number"), grouped(case.receipt)),
            (said("居民", "resident"), who.name if who is not None and who.name else wording.ERASED),
            (said("身份证号", "identity number"), self.shown(identity)),
            (said("事项", "matter"), self.title),
            (said("政策版本", "version of the programme"), case.programme_version),
            (said("负责单位", "office in charge"), case.department),
            (said("地区", "area"), wording.place(case.area_code)),
            (said("状态", "state"), self._outcome()),
            (said("收件", "received"), case.opened_at),
            (said("办结", "ended"), case.closed_at),
        ]
        note = said("用 python3 check.py 核对；说明见档案根目录。", "Check it with python3 check.py, in the archive's root.")
        return Section(said("基本信息", "Cover"), rows, note=note)

    def shown(self, number: str) -> str:
        """An identity or account number as this archive has it: in full or its last four signs."""
        return number if self.wish.in_full or not number else f"…{number[-SEEN:]}"

    def _outcome(self) -> Any:
        if self.case.status == "open":
            return wording.OPEN
        return wording.outcome(self.case)

    def _asked(self) -> Iterator[Section]:
        case, said = self.case, self.said
        names = wording.people(said, {case.opened_by}, case.subject)
        rows: list[tuple[str, Any]] = [
            (said("怎样提出", "how it came in"), wording.ORIGINS.get(case.origin or "", "")),
            (said("在哪里收件", "received at"), self._where()),
            (said("由谁提交", "brought in by"), names[case.opened_by]),
            (said("受理", "accepted"), case.accepted_at),
            (said("答应的期限", "promised by"), case.due_at),
            (said("法定期限", "due by law"), case.statutory_due_at),
        ]
        yield Section(said("收件", "Receipt"), rows)
        written = list(Words.objects.filter(case=case).order_by("id"))
        texts = self.reveal("words", [one.cipher for one in written])
        yield Section(
            said("写下的话", "What was written"),
            [(wording.PARTS[one.part], one.at, text) for one, text in zip(written, texts, strict=True)],
            (said("哪一部分", "part"), said("时间", "when"), said("内容", "words")),
        )
        if self.application is not None and self.progress is not None:
            yield from self._stated(self.application, self.progress)

    def _stated(self, application: Application, found: Progress) -> Iterator[Section]:
        said = self.said
        other = other_payee(application, self.case.subject_uid)
        account = given_of(self.reveal("account", [application.account_cipher])[0])
        yield Section(
            said("收款", "Payment to"),
            [
                (
                    said("收款人", "payee"),
                    money.payee_words(said, application.payee, other[1] if other else ""),
                ),
                (said("户名", "name of the account"), account.name),
                (said("账号", "account"), self.shown(account.number)),
            ],
        )
        told = NOTHING if self.erased else told_of(application, found.programme, viewer=self.viewer, purpose=PURPOSE)
        labels = shown_facts(found.programme) | open_facts(found.programme)
        by = stated_by(application, found.programme, told)
        rows = [(labels[name].label, value, by.get(name, "")) for name, value in told.facts.items()]
        yield Section(said("申请中说明的情况", "Stated in the application"), rows, wording.headers(said, "fact", "value", "by"))
        needs = [(one.material.label, wording.NEEDS[one.state]) for one in found.needs]
        yield Section(said("材料清单", "Materials"), needs, (said("材料", "material"), said("状态", "state")))

    def _payments(self) -> Iterator[Section]:
        return money.payments(self.said, self.case, lambda ciphers: self.reveal("account", ciphers), self.shown)

    def _where(self) -> Any:
        """At which window's area it came in; a case that somebody began at home came in on line."""
        if self.case.received_at:
            return wording.place(self.case.received_at)
        return Label(*ON_LINE) if self.case.origin else ""

    def _decisions(self, found: Progress, application: Application) -> None:
        labels = {one.id: one.label for one in found.programme.rule.conditions}
        rows = list(Decision.objects.filter(application=application).order_by("id"))
        names = wording.people(self.said, {actor for one in rows for actor in (one.decided_by, one.confirmed_by)}, self.case.subject)
        for one in rows:
            self._page("decision.html", self.said("决定", "Decision"), self._decision(one, labels, names), day=one.decided_at)

    def _decision(self, one: Decision, labels: dict[str, Label], names: dict[str, str]) -> Iterator[Section]:
        said = self.said
        who = "、".join(names[actor] for actor in (one.decided_by, one.confirmed_by) if actor)
        yield Section(
            said("决定", "Decision"),
            [
                (said("结果", "outcome"), wording.OUTCOMES[one.outcome]),
                (said("每次金额（元）", "yuan, each payment"), "" if one.amount_fen is None else yuan_text(one.amount_fen)),
                (said("决定人", "decided by"), who or said("系统按规则自动决定", "the rule alone")),
                (said("时间", "when"), one.decided_at),
                (said("规则摘要", "digest of the rule"), one.rule_digest),
            ],
        )
        held = [(labels.get(key, key), wording.HOLDS[value]) for key, value in one.conditions.items()]
        note = said("每项条件所依据的登记见决定书。", "The letter says by which register each condition was found.")
        yield Section(said("逐项条件", "Condition by condition"), held, (said("条件", "condition"), said("是否符合", "met")), note)

    def _steps(self, found: Progress) -> Iterator[Section]:
        said = self.said
        labels = {stage.step.id: stage.step.label for stage in found.stages}
        written = notes(self.viewer, self.case, found.stays, purpose=PURPOSE) if not self.erased else []
        children = list(Case.objects.filter(parent=self.case).order_by("id"))
        names = wording.people(said, {one.actor for one in written} | {one.answered_by for one in children}, self.case.subject)
        rows = [
            (labels.get(stay.step, stay.step), stay.department, wording.place(stay.desk_code), stay.opened_at, stay.due_at, stay.done_at)
            for stay in found.stays
        ]
        yield Section(said("步骤", "Steps"), rows, wording.headers(said, "step", "office", "area", "from", "due", "until"))
        signed = [(labels.get(one.step, one.step), names[one.actor], wording.SIGNED[one.outcome], one.words, one.at) for one in written]
        yield Section(said("签署和意见", "Signatures"), signed, wording.headers(said, "step", "who", "result", "words", "when"))
        paused = [(wording.PAUSES[one.reason], one.began_at, one.ended_at) for one in found.pauses]
        yield Section(said("暂停计时", "Clock stopped"), paused, wording.headers(said, "why", "from", "until"))
        other = [
            (
                grouped(one.receipt),
                Label(KINDS[one.kind].zh, KINDS[one.kind].en),
                one.department,
                one.opened_at,
                one.closed_at,
                wording.outcome(one),
                names[one.answered_by],
            )
            for one in children
        ]
        yield Section(
            said("会签、异议和复核", "Sign-offs, objections, reviews"),
            other,
            wording.headers(said, "receipt", "kind", "office", "from", "until", "result", "who"),
        )

    def _letters(self) -> None:
        for letter in reversed(letters_of(self.case)):
            title = f"{self.said.cell(kind_label(letter))} {number_of(letter)}"
            day = letter.issued_at.astimezone(SHANGHAI).date()
            if letter.cipher and not self.erased:
                content = pdf(self.viewer, letter, site=self.wish.site, purpose=PURPOSE)
                self.contents.add("letter.pdf", title, [content], day=day)
            else:
                self.contents.add("letter.html", title, page(self.said, title, [self._letter(letter)]), day=day)

    def _letter(self, letter: Letter) -> Section:
        said = self.said
        rows = [
            (said("签发单位", "organ"), letter.organ),
            (said("签发", "issued"), letter.issued_at),
            (said("送达", "served"), letter.served_at),
            (said("状态", "state"), state_of(letter)),
            (said("内容摘要", "digest"), letter.digest),
        ]
        return Section(
            said("文书", "Letter"), rows, note=said("资料已注销，内容不再可读。", "The person's data were erased: it can't be read.")
        )

    def _documents(self) -> None:
        materials = materials_of(self.case)
        given = documents_of(self.case)
        reasons = self.reveal("words", [one.cipher for one in given])
        names = wording.people(self.said, {actor for one in given for actor in (one.given_by, one.checked_by)}, self.case.subject)
        for one, why in zip(given, reasons, strict=True):
            self._document(one, self.said.cell(label_of(one, materials)), why, names)

    def _document(self, one: Document, title: str, why: str, names: dict[str, str]) -> None:
        said, number = self.said, len(self.contents.entries) + 1
        pages = []
        if not self.erased:
            pages = [f"{number:02}-document/{at:02}.jpg" for at in range(1, one.pages + 1)]
            subject, place = one.subject, self.case.area_code
            portions = files.read(self.viewer, purpose=PURPOSE, subject=subject, address=one.digest, place=place)
            for name, content in zip(pages, every_page(portions), strict=True):
                self.contents.attach(name, [content])
        rows = [
            (said("提交", "given"), one.given_at),
            (said("提交人", "by"), names[one.given_by]),
            (said("审核结果", "check"), wording.CHECKS[one.check_result]),
            (said("审核人", "checked by"), names[one.checked_by]),
            (said("审核时间", "checked at"), one.checked_at),
            (said("说明", "words"), why),
            *((said("图像", "picture"), Link(name, name)) for name in pages),
        ]
        day = one.given_at.astimezone(SHANGHAI).date()
        self.contents.add("document.html", title, page(said, title, [Section(title, rows)]), day=day, pages=one.pages)

    def _batches(self) -> list[Section]:
        rows = money.batches_of(self.case)
        ciphers = [cipher for one in rows for check in one.checks for cipher in (check.cipher, check.settled_cipher)]
        return money.batch_sections(self.said, rows, self.reveal("words", ciphers))


def write_case(viewer: Viewer, case: Case, contents: Contents, wish: Wish) -> Filed:
    """Write a case that the viewer may have. About forty queries and 15 ms a page of its letters; one page of a document in memory."""
    return CasePapers(viewer, case, contents, wish).write()
