"""One of everything that an address or a route takes the id of: about the same person of 河津市 or, where it is about nobody, of an officer
of the whole city. `World.ids`: by the kind of thing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bank_examples import PAID
from batch_examples import COLLEGE, GIVEN, HOUR, MAKER, VILLAGES, award
from case_examples import resident
from django.conf import settings
from django.test import Client
from django.urls import reverse
from import_examples import HEADERS, apply, confirm_columns, file, neighbours, newest, row, send
from listed_place_examples import day, place_list
from listed_place_examples import place as stated_place
from map_examples import stated
from paper_examples import photo
from place_examples import FIRST_DAY, SYSTEM, identity, person
from place_examples import VILLAGE as FIRST_VILLAGE
from price_examples import publish_some
from settle_examples import DAY, FUND, Treasury, given, tell
from shown_examples import unguarded
from test_drafts import begun
from test_reports import STATISTICS
from test_reports import keep as keep_form
from town_examples import circle as drawn_circle
from walk_examples import FIRST, WINDOW
from web_examples import AID, PASSWORD, SmallCity, born
from window_examples import open_windows

from linli import vault
from linli.api.acts import make_token
from linli.batches.acts import drawing, gathering
from linli.batches.models import Announcement, Batch, Check, Item, LeftOut
from linli.casework import acts as casework
from linli.casework.guardianships import open_guardianship
from linli.casework.models import Case, Document, Letter, Requirement, Task
from linli.casework.steps import acts as steps
from linli.casework.visits import acts as visits
from linli.casework.visits.whereabouts import measured
from linli.circles.acts.reports import report_place
from linli.circles.models import Action, Coverage, Gap, IssuedPlan, NetworkVersion, Plan
from linli.entitlements import acts as entitlements
from linli.entitlements import recovering
from linli.entitlements.acts import Account
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.escrow import acts as escrow
from linli.entitlements.reviewing.models import Ranking
from linli.entitlements.works import acts as works
from linli.entitlements.works.lines import Line
from linli.kernel import clock
from linli.kernel.codes import new_code
from linli.kernel.ids import uuid7
from linli.kernel.viewer import PUBLIC, Grant, Viewer
from linli.ledger.acts import Promise, open_fund
from linli.notices.models import Delivery, Mailing, Notice
from linli.programmes import catalogue, parse_programme
from linli.programmes.acts import publish_version
from linli.programmes.declaration import Programme
from linli.programmes.files import city_vocabulary
from linli.registers import acts as registers
from linli.registers.acts.guardianships import Paper
from linli.registers.acts.records import record_change
from linli.registers.models import (
    Doubtful,
    ExternalIdentity,
    Guardianship,
    HouseholdMember,
    ListImport,
    Mandate,
    Organisation,
    PriceVersion,
    ProposedGrant,
    Resident,
    SecondFactor,
    ServiceWindow,
    StaffSession,
)
from linli.registers.queries import viewer_of
from linli.screening.models import Preview, Scenario
from linli.settlement import acts as settlement
from linli.settlement.checking import Given
from linli.trace import act
from linli.trace.models import Fact
from linli.vault.files.acts import keep
from linli.web.models import Download, SavedFilter

OTHER = "140882"
VILLAGE = VILLAGES[OTHER]
ZEROS = f"sha256:{'0' * 64}"
CHECKED, CODE = "transfer-checked", "911408000000000004"
APPOINTED = Paper("appointment", "测居监〔2025〕3号", "测试村民委员会", date(2025, 3, 1), date(2025, 3, 1))


def received(who: Resident, slug: str, **more: Any) -> Case:
    """An application of theirs, accepted."""
    case = entitlements.apply(resident(who), who.uid, Wanted(slug, **more))
    Requirement.objects.filter(case=case, state="wanted").update(state="given")
    return entitlements.accept(FIRST, case.uid)


def paper_of(case: Case) -> Document:
    """A paper of one page, kept as one that was sent in, and nobody's word on it yet."""
    content = photo()
    with act(SYSTEM):
        kept = keep(case.subject_uid, json.dumps({"pages": [len(content)]}).encode() + b"\n" + content, "application/x-pages")
    return Document.objects.create(
        case=case, subject=case.subject_uid, material="identity", digest=kept.address, media="image/jpeg", bytes=len(content),
        given_at=clock.now(), given_by=f"resident:{case.subject_uid}",
    )  # fmt: skip


def neighbour(name: str, years: int) -> Resident:
    """Somebody else who has everything in the village of 河津市."""
    lives = [registers.Lives(kind, VILLAGE, FIRST_DAY) for kind in ("registered", "lives", "insured")]
    return person(name, identity=identity(born(years)), birth_date=born(years), situations=lives, relations_known=True)


def reviewed() -> Programme:
    """The review that ranks, published with the figure that its file leaves open."""
    found = catalogue(settings.LINLI_CITY)
    stated = "values: [{from: 2026-01-01, value: 0.5, source: {zh: 测试文件, en: a test document}}]"
    text = found.newest("rural-title-review").text.replace("values: []", stated)
    programme = parse_programme(text.encode(), city_vocabulary(Path(settings.LINLI_CITY)))
    publish_version(viewer=SYSTEM, catalogue=found, programme=programme, demonstration=True)
    return programme


class World:
    """away: whose matters it is about; elder: her father, whose works and sale they are; flatmate: somebody else of their household."""

    def __init__(self, city: SmallCity, folder: Path) -> None:
        self.city, self.folder = city, folder
        self.away = city.away
        self.elder = neighbour("测试乙长辈", 75)
        registers.link_family(SYSTEM, resident=self.away, relative=self.elder, relation="father", valid_from=FIRST_DAY)
        self.flatmate = neighbour("测试乙同住", 45)
        home = HouseholdMember.objects.get(resident=self.away, valid_to=None, known_to=None).household
        for who in (self.elder, self.flatmate):
            registers.change_member(SYSTEM, household=home, resident=who, role="parent", on=clock.today())
        self.ids: dict[str, Any] = {"person": self.away.uid, "run": city.run.uid, "published": uuid7()}
        parts: tuple[Callable[[], None], ...] = (self.cases, self.lists, self.money, self.recovery, self.papers)
        for part in parts:
            part()

    def cases(self) -> None:
        """An application with a paper and a letter; one with works, one with money held, one that another system answers, one asked for."""
        case = received(self.away, AID, account=Account("测试乙", "62170000000000001", "测试银行"), committed=("kinship",))
        letter = Letter.objects.filter(case=case).earliest("id")
        record_change(SYSTEM, subject=self.elder, list_slug="housing", valid_from=FIRST_DAY, data={"dwelling_unsafe_for_elders": True})
        record_change(SYSTEM, subject=self.elder, list_slug="extreme-hardship", valid_from=FIRST_DAY)
        works_case = received(self.elder, "home-adaptation", committed=("dwelling",), payee="provider")
        steps.pass_on(FIRST, works_case.uid)
        firm = registers.register_organisation(SYSTEM, name="测试施工单位", area_code=VILLAGE, kind="provider", credit_code=CODE)
        account = Given(firm.name, "62170000000000088", "102181000012")
        named = works.Contractor(CODE, vault.protect(self.elder.uid, {"account": account.text()})["account"])
        works.draw_up(FIRST, works_case.uid, [Line("floor", "卫生间防滑地砖", 6, "平方米", 12_000)], named)
        sale = received(self.elder, "transfer-with-mortgage")
        told = {"dwelling_in_city": True, "dwelling_is_mortgaged": True, "all_parties_agree": True}
        entitlements.state_facts(FIRST, sale.uid, told)
        banks = [Organisation.objects.create(name=f"测试银行{one}", area_code=OTHER, kind="employer") for one in "甲乙"]
        holders = {
            "buyer": escrow.Holder("resident", self.elder.uid),
            "seller": escrow.Holder("resident", self.away.uid),
            "new-bank": escrow.Holder("organisation", banks[0].uid),
            "old-bank": escrow.Holder("organisation", banks[1].uid),
        }
        escrow.set_terms(FIRST, sale.uid, 80_000_000, holders)
        claim = received(
            self.elder, "medical-reimbursement", account=Account(self.elder.name, "6217000000000000001"), event=date(2026, 11, 2)
        )
        steps.pass_on(FIRST, claim.uid)
        entitlements.decide(FIRST, claim.uid, "forwarded")
        said = casework.open_dispute(resident(self.away), self.away.uid, "disability_level", "证上写的是二级")
        at = measured(110.71, 35.60, 12)
        near = Viewer("staff:00000000-0000-7000-8000-000000000091", (Grant("steward", VILLAGE),))
        self.ids["visit"] = visits.call(near, self.away.uid, "visited", uid=uuid7(), at=at).uid
        shop = registers.open_place(SYSTEM, place=stated("P-1", "测试便利店", (0, 0), "convenience", area=VILLAGE), on=FIRST_DAY)
        self.ids["report"] = report_place(PUBLIC, kind="closed", place=shop.uid, key="one").uid
        self.ids |= {
            "case": case.uid, "paper": paper_of(case).uid, "letter": letter.uid, "works": works_case.uid, "sale": sale.uid,
            "forwarded": claim.uid, "dispute": said.uid, "firm": firm.uid,
        }  # fmt: skip

    def lists(self) -> None:
        """A batch of 河津市 with an item, one left out, a draw, a check, and a notice that hangs; one of the year before, paid."""
        over = {"begins_on": date(2024, 1, 1), "ends_on": date(2024, 12, 31)}
        checked = award(neighbour("测试乙同学", 20), COLLEGE, VILLAGE, **over)
        old = gathering.open_batch(MAKER, programme=AID, period="2024", area=OTHER, given=GIVEN)
        gathering.gather(MAKER, batch=old.uid)
        with unguarded():
            Batch.objects.filter(pk=old.pk).update(state="checking", frozen_at=clock.now(), count=1, total_fen=COLLEGE)
        cross = Check.objects.create(item=Item.objects.get(), kind="cross", subject=checked.person, desk_code="140802")
        self.award = award(self.away, COLLEGE, VILLAGE, begins_on=date(2025, 1, 1))
        for period in ("2025", "2026"):
            batch = gathering.open_batch(MAKER, programme=AID, period=period, area=OTHER, given=GIVEN)
            gathering.gather(MAKER, batch=batch.uid)
            if period == "2025":
                with unguarded():
                    self.desk_of(self.award.case)
                    Item.objects.filter(batch=batch).update(state="paid", ended_at=clock.now())
                    Case.objects.filter(pk=self.award.case.pk).update(programme_version="2023")
        item = Item.objects.get(batch=batch)
        draw = drawing.open_draw(MAKER, batch=batch.uid, reveal_by=clock.now() + 24 * HOUR)
        check = Check.objects.create(item=item, kind="every", subject=item.person, desk_code=OTHER)
        left = LeftOut.objects.create(batch=batch, award=award(neighbour("学生乙乙", 20), COLLEGE, VILLAGE), reason="no_slip")
        today = clock.today()
        notice = Announcement.objects.create(
            batch=batch, programme=AID, columns=["name", "category"], days=5, unit="working", starts_on=today, ends_on=today + timedelta(7),
            supervision="0359-0000000", objections_to="市残联教就部", count=1, digest=ZEROS, put_up_at=clock.now(), put_up_by=SYSTEM.actor,
        )  # fmt: skip
        notice.lines.create(item=item, position=1, area_code=OTHER, cells=["测试乙", ""])
        self.ids |= {"batch": batch.uid, "draw": draw.uid, "check": check.uid, "notice": notice.uid}
        self.ids |= {"left": left.award.uid, "item": item.uid, "check_paper": paper_of(checked.case).uid}
        review = reviewed()
        weights = {one.id: "1" for one in review.particulars.scores.criteria} if review.particulars.scores else {}
        ranks = Ranking.objects.create(
            weights=weights,
            programme="rural-title-review", programme_version=review.version, period="2026", day=today, digest=ZEROS, ranked_at=clock.now(),
            ranked_by=FIRST.actor, shown_from=today, shown_until=today, supervision="12345", objections_to="测试局",
        )  # fmt: skip
        self.ids |= {"ranks": ranks.uid, "draw_code": draw.code, "cross_check": cross.uid}

    def desk_of(self, case: Case) -> None:
        """The office that has it, as the decision leaves it."""
        now = clock.now()
        Task.objects.create(
            case=case, role="officer", area_code=VILLAGE, desk_code=OTHER, programme=AID, due_at=now, warn_at=now, done_at=now
        )

    def money(self) -> None:
        """Three orders' worth of what she is owed: answered by the bank; its account asked about; in a file; and one without an account."""
        promises = [Promise("province", ("省级", "province"), 10**9)]
        open_fund(SYSTEM, slug=FUND, purpose=("助学", "aid"), programme=AID, promises=promises)
        payer = settlement.enter_payer(SYSTEM, name="运城市财政局", number="1400990000001", bank="102181000012")
        case, firm = self.ids["case"], self.ids["firm"]

        def owing(number: int, account: bool = True, **other: Any) -> Treasury:
            made = Treasury([self.away], payer)
            told = {"area_code": VILLAGE, "case": case} | other
            made.owe(self.away, given(self.away.name, number) if account else None, **told)
            made.take_over()
            return made

        _order, found = owing(1).sent(self.folder)
        outcome = tell(self.folder, "transfer", [(one, PAID["transfer"]) for one in found])
        about = owing(2)
        asked = settlement.make_inquiry(MAKER, batch=about.batch, layout=CHECKED)
        settlement.fill_inquiry(inquiry=asked.uid)
        path = self.folder / asked.number
        settlement.hand_over_inquiry(MAKER, inquiry=asked.uid, path=path)
        row = path.read_bytes().decode("gb18030").split("\r\n")[1].split("|")
        path.write_bytes("\r\n".join(["H|N|20261123|1", f"D|{row[2]}|{row[3]}|00|", "T|1", ""]).encode("gb18030"))
        answer = settlement.receive_accounts(MAKER, layout=CHECKED, path=path, name="answer")
        going = owing(3)
        order = going.order()
        to_the_firm = owing(4, payee="provider", payee_uid=firm)
        (waiting,) = owing(5, account=False).payments()
        self.ids |= {
            "outcome": outcome.uid, "inquiry": asked.uid, "account_answer": answer.uid, "order": order.uid, "paid_batch": going.batch,
            "to_the_firm": to_the_firm.batch, "payment": waiting.uid, "asked_batch": about.batch,
        }  # fmt: skip

    def recovery(self) -> None:
        """What was paid too much of the year before, and what an officer entered of its coming back."""
        owed = [recovering.Overpaid("2025", COLLEGE, 100_000)]
        case = recovering.open_recovery(SYSTEM, self.award.uid, cause="stated", periods=owed, words="学籍更正")
        word = settlement.money_back(MAKER, case=case.uid, fen=5_000, on=DAY, reference="回单1")
        self.ids |= {"recovery": case.uid, "word": word.uid, "paid_case": self.award.case.uid}

    def papers(self) -> None:
        """A guardianship on paper that the county confirmed, and the mandate that it makes."""
        ward = neighbour("测试乙被监护", 30)
        case = open_guardianship(WINDOW, ward=ward, guardian=self.away, paper=APPOINTED)
        casework.answer(SYSTEM, case.uid, "confirmed")
        self.ids |= {"guardianship": Guardianship.objects.get().uid, "mandate": Mandate.objects.get().uid, "guardianship_case": case.uid}

    def desk(self, office: Client) -> None:
        """What the officer of the whole city has on their desk: files sent in, a draft, a preview, a what-if, a form, a filter."""
        there = registers.open_place(SYSTEM, place=stated_place("A", area_code=VILLAGE), on=FIRST_DAY)
        assert office.post("/office/places/send/", {"file": place_list({"坐标系": ""}), **day()}).status_code == 302
        place_file = newest().uid
        people = neighbours(2)
        rows = [[*row(who, "肢体", "二级"), FIRST_VILLAGE] for who in people]
        rows[0][1] = "另名甲"
        table = file(rows, (*HEADERS, "行政区划代码"))
        apply(office, confirm_columns(office, send(office, table, whole="")), leave="1")
        applied = newest()
        confirm_columns(office, send(office, file([row(people[1], "视力", "一级")]), whole=""))
        draft = begun(office)
        assert office.post(reverse("programmes:ask_preview", args=[draft.uid])).status_code == 302
        assert office.post(reverse("programmes:whatif", args=[AID]), {"name": "试算", "start": "version:2023"}).status_code == 302
        form = keep_form(office, "figures", STATISTICS)
        download = Download.objects.create(
            actor=self.city.officer.actor, listing="found", parameters={}, file_name="x.xlsx", language="zh", asked_at=clock.now()
        )
        saved = SavedFilter.objects.create(actor=self.city.officer.actor, page="office:inbox", name="测试", query="status=open")
        mailing = Mailing.objects.create(
            run=self.city.run.uid, programme=AID, fact=Fact.objects.latest("id").pk, people=2, state="held", made_at=clock.now()
        )
        notice = Notice.objects.create(
            code=new_code(8), recipient=self.away.uid, template="found", programme=AID, area_code=VILLAGE, office_zh="测试局",
            office_en="test", phone="12345", fact=Fact.objects.latest("id").pk, text_cipher="x", written_at=clock.now(),
        )  # fmt: skip
        sent = Delivery.objects.create(notice=notice, channel="sms", status="failed", due_at=clock.now(), settled_at=clock.now())
        self.ids |= {
            "place": there.uid, "place_list": place_file, **self.planned(),
            "delivery": ListImport.objects.latest("id").uid, "doubt": Doubtful.objects.earliest("id").uid, "applied": applied.uid,
            "upload": newest().uid, "draft": draft.uid, "preview": Preview.objects.get().uid, "scenario": Scenario.objects.get().uid,
            "form": form.uid, "download": download.uid, "filter": saved.uid, "mailing": mailing.uid, "sent": sent.uid,
        }  # fmt: skip

    def planned(self) -> dict[str, Any]:
        """A living circle with a gap, an action of its plan, and a plan that was issued; computed on a network whose file is gone."""
        circle, now = drawn_circle("A", 0, 0, 500, 500, area_code=VILLAGE[:9]), clock.now()
        by = self.city.officer.actor
        network = NetworkVersion.objects.create(
            digest="sha256:gone", source="测试", licence="", system="WGS-84", nodes=1, links=0, gates=0, since=now, taken_by=by
        )
        run = Coverage.objects.create(
            network=network, day=clock.today(), homes_as_of=clock.today(), standard="", moments={}, figures="", homes=0, unlocated_homes=0,
            unsnapped_homes=0, places=0, unsnapped_places=0, unknown_hours=0, made_at=now, made_by=by, milliseconds=0,
        )  # fmt: skip
        gap = Gap.objects.create(
            circle=circle, norm="repair-15", run=run, standard="", state="open", since=now, mandatory=True, group="residents",
            profile="adult",
            percent=90, found=0, covered=0, uncovered=6, unlocated=0,
        )  # fmt: skip
        plan = Plan.objects.create(circle=circle, state="draft", made_at=now, made_by=by)
        trigger = {"covered": 0, "uncovered": 6, "unlocated": 0, "day": str(clock.today())}
        action = Action.objects.create(plan=plan, gap=gap, trigger=trigger, title_zh="设点", title_en="a place", state="proposed")
        issued = IssuedPlan.objects.create(
            circle=circle,
            run=run,
            mark="测",
            year=2026,
            sequence=1,
            circles=["A"],
            digest="sha256:x",
            pdf=b"%PDF",
            issued_at=now,
            issued_by=by,
        )
        return {"circle": circle.uid, "circle_action": action.uid, "issued_plan": issued.uid}

    def administration(self) -> None:
        """What somebody's account has: a grant to be confirmed, a factor, an identity elsewhere, a session, a token; a window; prices."""
        staff = registers.add_staff(SYSTEM, login="somebody", name="某员", password=PASSWORD)
        grant = registers.place_grant(SYSTEM, staff=staff, role="steward", area_code=VILLAGE, valid_from=FIRST_DAY)
        now = clock.now()
        proposal = ProposedGrant.objects.create(
            staff=staff, role="security", valid_from=FIRST_DAY, proposed_by=self.city.officer.actor, proposed_at=now,
        )  # fmt: skip
        factor = SecondFactor.objects.create(staff=staff, kind="totp", label="测试", added_at=now)
        identity = ExternalIdentity.objects.create(staff=staff, issuer="https://id.test", subject="7", linked_at=now)
        session = StaffSession.objects.create(
            staff=staff, session_key="k", device="d", address="a", address_shown="127.0.0.0", method="password", began_at=now, seen_at=now
        )
        token = make_token(viewer_of(self.city.officer), label="test", grants=(Grant("officer"),), days=30).token
        open_windows()
        publish_some()
        self.ids |= {
            "staff": staff.uid, "grant": grant.pk, "proposal": proposal.uid, "factor": factor.uid, "identity": identity.uid,
            "session": session.uid, "token": token.uid, "window": ServiceWindow.objects.earliest("id").uid,
            "prices": PriceVersion.objects.earliest("id").uid,
        }  # fmt: skip
