"""The most common tasks over all roles, as somebody does them in a browser: the same on the small city of the tests and on a demo.

Each begins where the role begins (residents: at the home page of the city, not signed in; staff: on the first page after signing in)
and ends when what was wanted stands on the page. `most` is the most clicks that it may take.
"""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from counting import Hand
from django.conf import settings
from django.db.models import Max
from own_browser import number_of, slip_of
from place_examples import VILLAGE, identity, person
from web_examples import born

from linli import vault
from linli.casework import acts as casework
from linli.casework.models import Case, Visit
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.programmes import acts as programmes
from linli.programmes.editing import put
from linli.programmes.models import Draft, ProgrammeVersion
from linli.programmes.queries import examples_for, live_version
from linli.registers import acts
from linli.registers.models import Doubtful, ListImport, Resident, Staff, StaffGrant
from linli.screening import acts as screening
from linli.screening.models import Preview
from linli.site.wiring import SMS_FILE
from linli.web.drafting import drafts

CLERK = Viewer("staff:00000000-0000-7000-8000-000000000002", (Grant("clerk", "140802"),))
LIST = "disability-certificate"
OUTCOME, WORDS = "input[name=outcome][value=kept]", "textarea[name=words]"


@dataclass(frozen=True, slots=True)
class Stage:
    """Who and what the errands are about. person: something was found for them in programme, and they have a disputable fact."""

    person: Resident
    helper: Resident
    programme: str
    author: Staff
    disputants: tuple[Resident, ...]
    folder: Path
    worker: bool  # whether a worker runs beside the site


def code_sent(phone: str, before: int) -> str:
    """The code of the newest message to a telephone, once more messages have been sent than before."""
    for _try in range(100):
        found = messages(phone)
        if len(found) > before:
            return re.findall(r"\d{6}", found[-1])[0]
        time.sleep(0.1)
    raise AssertionError("no message came")


def messages(phone: str) -> list[str]:
    file = Path(settings.LINLI_STATE) / SMS_FILE
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [told["text"] for line in lines if (told := json.loads(line))["to"] == phone]


def dispute(who: Resident, fact: str) -> Case:
    own = Viewer(f"resident:{who.uid}", subject=str(who.uid), level="card")
    return casework.open_dispute(own, who.uid, fact, "和我的证件不一样")


def unused(years: int) -> str:
    """A made-up number of somebody of that age which nobody on record has."""
    while True:
        number = identity(born(years))
        if not Resident.objects.filter(identity_blind__in=vault.blinds("identity", number)).exists():
            return number


def phone_of(who: Resident) -> str:
    """The telephone that a made-up person tells a window: no such number is in use."""
    return f"125{int(who.uid) % 10**8:08d}"


def sign_in_by_phone(hand: Hand, phone: str) -> None:
    before = len(messages(phone))
    hand.click("a[href='/my/']")
    hand.fill("input[name=contact]", phone)
    hand.click("main button.button-large")
    hand.see("input[name=code]")
    hand.fill("input[name=code]", code_sent(phone, before))
    hand.click("main button.button-large")
    hand.see("#mine")


def phone_code(hand: Hand, stage: Stage) -> None:
    """Somebody of 78 signs in with a code on the telephone and sees how what they asked for stands."""
    sign_in_by_phone(hand, phone_of(stage.person))
    hand.see("#cases")


def slip(hand: Hand, stage: Stage) -> None:
    """With a slip from a window: what was found and why."""
    code = slip_of(stage.person)
    hand.click("a[href='/my/']")
    hand.fill("input[name=contact]", number_of(stage.person))
    hand.click("main button.button-large")
    hand.see("input[name=code]")
    hand.fill("input[name=code]", code)
    hand.click("main button.button-large")
    hand.click(f"a[href*='/my/found/{stage.programme}/']")
    hand.see(".conditions")


def this_is_wrong(hand: Hand, stage: Stage) -> None:
    """“This is wrong” about a fact, from the page that says why."""
    hand.click(".conditions a[href*='/my/wrong/disability_level/'], .conditions a[href*='/my/wrong/']")
    hand.fill(WORDS, "和我的证件不一样")
    hand.click("main button.button-large")
    hand.see("[data-told]")
    assert Case.objects.filter(subject=f"resident:{stage.person.uid}", kind="fact_dispute", status="open").exists()


def for_my_mother(hand: Hand, stage: Stage) -> None:
    """A daughter with a family mandate signs in and looks for her mother."""
    sign_in_by_phone(hand, phone_of(stage.helper))
    hand.click(f"form[action$='/my/whom/{stage.person.uid}/'] button")
    hand.see(f"a[href*='/my/found/{stage.programme}/']")


def at_the_window(hand: Hand, stage: Stage) -> None:
    """A clerk finds a person by their card, records the consent, looks, and prints what they are told."""
    hand.fill("input[name=identity]", number_of(stage.person))
    hand.press("Enter")
    hand.click("input[name=matter][value=benefits]")
    hand.click("input[name=evidence][value=present]")
    hand.click("form[action$='/consent/'] button")
    hand.click(f"a[href*='/found/{stage.programme}/']")
    hand.click("a[href$='/card/']")
    hand.click("[data-print]")


def newcomer(hand: Hand, stage: Stage) -> None:
    """A clerk looks for somebody who isn't on record and registers them in their own county."""
    number = unused(66)
    hand.fill("input[name=identity]", number)
    hand.press("Enter")
    hand.click("form[action$='/register/'] button")
    hand.fill("input[name=name]", "测试新来")
    hand.pick("select[name=county]", "140882")
    hand.click("main button.button-large")
    hand.see("form[action$='/consent/']")
    assert Resident.objects.filter(identity_blind__in=vault.blinds("identity", number)).exists()


def visit(hand: Hand, stage: Stage) -> None:
    """A steward opens the first of today's calls and says how it went."""
    made = Visit.objects.count()
    hand.click(".round-link")
    hand.click("button[value=visited]")
    hand.page.wait_for_url("**/steward/")
    assert Visit.objects.count() == made + 1


def answer(hand: Hand, stage: Stage) -> None:
    """An officer answers a dispute from the inbox and lands on the next one, which costs a click less."""
    first = hand.see("table [data-row][href*='kind=fact_dispute']").get_attribute("href")
    hand.click("table [data-row]")
    for _case in range(2):
        before = hand.page.url
        hand.click(OUTCOME)
        hand.fill(WORDS, "经核实，名单上的信息与鉴定结论一致。")
        hand.click("button[name=then]")
        hand.page.wait_for_url(lambda address, before=before: address != before)
    assert first is not None
    assert first.split("?")[0] not in hand.page.url


def deliver(hand: Hand, stage: Stage) -> None:
    """An officer sends the month's list; three of its rows aren't certain to mean whom they seem to."""
    path = month(stage)
    hand.click("a[href='/office/imports/']")
    hand.click(f"a[href='/office/imports/lists/{LIST}/']")
    hand.choose(path)
    hand.click("input[name=whole][value='']")
    hand.click("main button.button-large")
    hand.page.wait_for_url("**/columns/")
    hand.click("main button.button-large")
    hand.see("button[value=apply]")
    hand.click("button[value=apply]")
    hand.page.wait_for_url("**/deliveries/*/")


def month(stage: Stage) -> Path:
    """Six people, three of whom are called otherwise in the list than on record."""
    lives = [acts.Lives("registered", VILLAGE, clock.today().replace(year=2020, day=1))]
    people = [person(f"邻居{place}", identity=unused(50), birth_date=born(50), situations=lives) for place in range(6)]
    rows = [[number_of(who), who.name if place < 3 else "另名", "视力", "一级", VILLAGE] for place, who in enumerate(people)]
    text = io.StringIO()
    csv.writer(text).writerows([("身份证号码", "姓名", "类别", "级别", "行政区划代码"), *rows])
    path = stage.folder / "残疾人证11月.csv"
    path.write_bytes(text.getvalue().encode())
    return path


def settle(hand: Hand, stage: Stage) -> None:
    """An officer settles a page of doubtful rows alike, with a preview of exactly these."""
    delivery = ListImport.objects.filter(list_slug=LIST).latest("pk")
    hand.click("a[href='/office/inbox/']")
    hand.click(f"a[href*='/deliveries/{delivery.uid}/doubts/']")
    hand.click("[data-tick-all] input")
    hand.click("button[name=verb][value=same]")
    hand.click("button[name=confirm]")
    hand.see(".tag-good")
    assert not Doubtful.objects.filter(list_import=delivery, resolved_at__isnull=True).exists()


def handed_in(stage: Stage) -> None:
    """The next version of the programme, drafted, previewed and waiting for a colleague."""
    if Draft.objects.filter(slug=stage.programme, state="submitted").exists():
        return
    author = Viewer(stage.author.actor, (Grant("officer"),))
    live = live_version(stage.programme, clock.today())
    assert live is not None
    last = ProgrammeVersion.objects.filter(slug=stage.programme).aggregate(day=Max("effective_from"))["day"]
    year = max(last.year, clock.today().year) + 1
    text = put(put(live.source, "version", str(year)), "effective_from", f"{year}-01-01", "day")
    draft = programmes.begin_draft(
        viewer=author, text=text, examples=examples_for(live, stage.programme, drafts.files().path), base=live.version
    )
    preview = screening.ask_preview(viewer=author, draft=draft.uid)
    if not stage.worker:
        screening.make_preview(uid=preview.uid)
    while not Preview.objects.filter(pk=preview.pk, state="finished").exists():
        time.sleep(1)
    programmes.submit_draft(viewer=author, catalogue=drafts.files(), draft=draft.uid, revision=draft.revision)


def publish(hand: Hand, stage: Stage) -> None:
    """A second officer reads what changes and whom it concerns, states the first day, and publishes."""
    hand.click("a[href='/office/inbox/']")
    hand.pick("select[name=kind]", "draft")
    hand.click("a[href*='/drafts/'][href$='/review/']")
    year = re.findall(r"\d{4}", hand.see("dl.summary div:has(dt:text-is('起始日')) dd").inner_text())[0]
    hand.fill_day("first", (int(year), 1, 1))
    hand.click("form:has(input[name=first_0]) button")
    hand.page.wait_for_url(f"**/{stage.programme}/versions/**")


def grant(hand: Hand, stage: Stage) -> None:
    """An administrator gives a colleague a role in a county until a day."""
    until = clock.today() + timedelta(days=90)
    hand.click("tr:has(td:text-is('colleague')) a[data-row]")
    hand.click("a[href$='/grants/']")
    hand.pick("select[name=role]", "officer")
    hand.fill("input[name=area]", "140802")
    hand.fill_day("valid_to", (until.year, until.month, until.day))
    hand.click("main button.button-large")
    hand.see("[data-told]")
    assert StaffGrant.objects.filter(staff__login="colleague", area_code="140802", valid_to=until).exists()


def export(hand: Hand, stage: Stage) -> None:
    """An officer takes a list of people found along as xlsx."""
    hand.click("td:nth-child(3) a[href$='/found/']")
    with hand.page.expect_download() as download:
        hand.click("form[action$='/export/'] button")
    assert download.value.suggested_filename.endswith(".xlsx")


@dataclass(frozen=True, slots=True)
class Errand:
    """One task. begins: the page where it begins, as the role's way of working has it; most: clicks."""

    slug: str
    who: str
    zh: str
    en: str
    begins: str
    most: int
    do: Callable[[Hand, Stage], None]


ERRANDS = (
    Errand("phone-code", "resident", "凭手机验证码登录，看办理进度", "sign in with a phone code, see the progress", "/", 5, phone_code),
    Errand("slip", "resident", "凭窗口的纸条登录，看找到了什么、为什么", "sign in with a slip, see what was found and why", "/", 5, slip),
    Errand("wrong", "resident", "对一条信息说“不对”", "say “this is wrong” on a fact", "", 3, this_is_wrong),
    Errand("mother", "helper", "女儿登录，替母亲看", "sign in as a daughter, look for her mother", "/", 6, for_my_mother),
    Errand("visit", "steward", "记一次走访", "tick off a visit", "/steward/", 2, visit),
    Errand(
        "window", "clerk", "找到来人，记录同意，打印明白卡", "find a person, record consent, print the card", "/window/", 6, at_the_window
    ),
    Errand("newcomer", "clerk", "登记外县来的居民", "register somebody of another county", "/window/", 5, newcomer),
    Errand(
        "answer",
        "officer",
        "答复一件异议，接着答复下一件",
        "answer a dispute, then the next",
        "/office/inbox/?kind=fact_dispute",
        7,
        answer,
    ),
    Errand("deliver", "officer", "提交一个月的名单", "deliver the month's list", "/office/", 8, deliver),
    Errand("settle", "officer", "存疑的行整页确认", "settle a page of doubtful rows", "/office/", 5, settle),
    Errand("export", "officer", "导出名单", "take a list along as xlsx", "/office/", 2, export),
    Errand("publish", "colleague", "核对并发布一个版本", "check and publish a version", "/office/", 6, publish),
    Errand("grant", "administrator", "给一项有期限的授权", "give a grant with an end", "/admin/", 7, grant),
)
STAFF = ("steward", "clerk", "officer", "colleague", "administrator")


def prepare(stage: Stage) -> None:
    """What has happened before the day: cards checked at a window, a mandate on record, disputes, a draft that was handed in."""
    for who in (stage.person, stage.helper):
        acts.check_card(CLERK, resident=who, identity=number_of(who), phone=phone_of(who))
    evidence = "本人到场，当面同意"
    acts.grant_mandate(CLERK, principal=stage.person, kind="family", agent=stage.helper, evidence=evidence)
    for who in stage.disputants:
        dispute(who, "disability_level")
    handed_in(stage)
