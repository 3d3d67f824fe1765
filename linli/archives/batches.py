"""The papers of a batch: how it adds up, its list, checks, notices and draw, the bank's files; then every case in a folder of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum

from linli.archives import history, wording
from linli.archives.cases import Filed, Wish, write_case
from linli.archives.folders import Folder
from linli.archives.pages import Contents, Link, Said, Section, csv_lines, page
from linli.batches import openness
from linli.batches import queries as batches
from linli.batches.blocks import reconciliation
from linli.batches.explained import CHECK_WORDS, WHY_LEFT_OUT, item_words, result_words
from linli.batches.models import Announcement, Batch, Check, Draw, Item, Posted
from linli.batches.refusals import STATE_WORDS
from linli.batches.shown import names_of
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.kernel.money import yuan_text
from linli.kernel.periods import in_words
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.naming import category_words
from linli.registers.queries.staff import names_of as staff_names
from linli.rules.declare import Label
from linli.settlement.models import Instruction, Order, Outcome, OutcomeRow, Payment
from linli.settlement.words import ORDER_STATES, PAYMENT_STATES

AT_ONCE = 500
LIST, CASES = "list.csv", "cases.csv"


def write_batch(viewer: Viewer, batch: Batch, folder: Folder, wish: Wish, progress: Callable[[int], None]) -> int:
    """Write a batch that the viewer may have, case after case; how many cases. Memory is that of one case. progress(cases)."""
    said = Said(wish.language)
    programme = batches.programme_of(batch)
    contents = Contents(folder, said, "")
    for name, title, sections in (
        ("reconciliation.html", said("批次核对", "Reconciliation"), _adds_up(said, batch)),
        ("checks.html", said("核查", "Checks"), _checks(said, batch)),
        ("notices.html", said("公示", "Public notices"), _notices(said, batch)),
        ("payments.html", said("发放文件和银行答复", "Bank files and answers"), _payments(said, batch)),
    ):
        contents.add(name, title, page(said, title, sections))
    contents.add(LIST, said("名单", "List"), csv_lines(_list_headers(said), _list(said, batch, programme)))
    for draw in Draw.objects.filter(batch=batch).exclude(document="").order_by("id"):
        title = said("公开抽取", "Public draw") + f" {draw.code}"
        contents.add("draw.json", title, [draw.document.encode()])
    title = said("留痕", "History")
    contents.add("history.html", title, page(said, title, [history.section(said, history.of_subject(str(batch)))]))
    headers = (*wording.headers(said, "receipt", "person", "matter", "papers", "folder"), "SHA-256")
    # Complete before it is added: a line is known when its case is written, and a zip takes one file at a time. 150 bytes a case.
    filed = [_line(said, one) for one in _cases(viewer, batch, folder, said, wish, progress)]
    contents.add(CASES, said("一户一档：每件一个文件夹", "Cases, a folder each"), csv_lines(headers, filed))
    contents.close(f"{said.cell(programme.label)} {said(*in_words(batch.period))}", [_cover(said, batch, programme)])
    return len(filed)


def _line(said: Said, one: Filed) -> tuple[str, ...]:
    return grouped(one.receipt), one.person, said.cell(one.title), str(one.papers), one.index.path, one.index.sha256


def _cases(viewer: Viewer, batch: Batch, folder: Folder, said: Said, wish: Wish, progress: Callable[[int], None]) -> Iterator[Filed]:
    source = Item.objects.filter(batch=batch).order_by("id").values_list("award__case", flat=True).iterator(chunk_size=AT_ONCE)
    done = 0
    while some := list(islice(source, AT_ONCE)):
        known = {row.pk: row for row in Case.objects.select_related("task", "parent").filter(pk__in=some)}
        for key in some:
            case = known.pop(key, None)
            if case is not None:
                yield write_case(viewer, case, Contents(folder, said, f"cases/{case.receipt}/"), wish)
                done += 1
                progress(done)


def _cover(said: Said, batch: Batch, programme: Programme) -> Section:
    names = staff_names({batch.opened_by, batch.frozen_by, batch.approved_by})
    rows: list[tuple[str, Any]] = [
        (said("政策", "programme"), programme.label),
        (said("政策版本", "version"), batch.programme_version),
        (said("期间", "period"), said(*in_words(batch.period))),
        (said("地区", "area"), wording.place(batch.area_code) or said("全市", "the whole city")),
        (said("状态", "state"), Label(*STATE_WORDS[batch.state])),
        (said("笔数", "items"), batch.count),
        (said("金额（元）", "yuan"), "" if batch.total_fen is None else yuan_text(batch.total_fen)),
        (said("开立", "opened"), batch.opened_at),
        (said("开立人", "opened by"), names.get(batch.opened_by, batch.opened_by)),
        (said("冻结名单", "list frozen"), batch.frozen_at),
        (said("冻结人", "frozen by"), names.get(batch.frozen_by, batch.frozen_by)),
        (said("批准", "approved"), batch.approved_at),
        (said("批准人", "approved by"), names.get(batch.approved_by, batch.approved_by)),
        (said("每件档案", "the cases"), Link("cases/", "cases/")),
    ]
    return Section(said("基本信息", "Cover"), rows)


def _adds_up(said: Said, batch: Batch) -> Iterator[Section]:
    found = reconciliation(batch)
    levels = [(yuan_text(one.fen), one.count, yuan_text(one.sum_fen)) for one in found.levels]
    yield Section(said("按标准", "Level by level"), levels, wording.headers(said, "level", "count", "yuan"))
    sums: list[tuple[str, Any]] = [
        (said("名单合计（元）", "the list, yuan"), yuan_text(found.total_fen)),
        (said("报送合计（元）", "handed in, yuan"), "" if found.declared_fen is None else yuan_text(found.declared_fen)),
    ]
    yield Section(said("合计", "Totals"), sums)
    wrong = [(Label(*one.what), one.items, Label(*one.remedy)) for one in found.blocks]
    yield Section(said("不符的地方", "What does not add up"), wrong, wording.headers(said, "why", "count", "remedy"))
    left = batch.left_out.select_related("award__case").order_by("id")
    without = ((grouped(one.award.case.receipt), Label(*WHY_LEFT_OUT[one.reason][0])) for one in left.iterator(chunk_size=AT_ONCE))
    yield Section(said("没有列入的", "Not on the list"), without, wording.headers(said, "receipt", "why"))
    asked = {one.name: Label(one.zh, one.en) for one in openness.questions(batches.programme_of(batch))}
    given = [(asked.get(name, name), _figure(one.get("value")), one.get("document")) for name, one in sorted(batch.given.items())]
    headers = wording.headers(said, "fact", "value", "by")
    yield Section(said("按文件填写的数字", "Figures given with their document"), given, headers)


def _figure(value: Any) -> str:
    """A figure as the batch was given it: days, fen, a share, or the first and last day of a term."""
    if isinstance(value, dict):
        return f"{value['first']} – {value['last']}"
    return f"{value[0]}/{value[1]}" if isinstance(value, list) else str(value)


def _list_headers(said: Said) -> tuple[str, ...]:
    return wording.headers(said, "receipt", "person", "area", "kind", "level", "yuan", "how", "state")


def _list(said: Said, batch: Batch, programme: Programme) -> Iterator[Sequence[str]]:
    source = Item.objects.filter(batch=batch).select_related("award__case").order_by("id").iterator(chunk_size=AT_ONCE)
    while some := list(islice(source, AT_ONCE)):
        names = names_of(some)
        for item in some:
            who = (
                names.get(item.beneficiary, ""),
                said.cell(wording.place(item.county)),
                category_words(Path(settings.LINLI_CITY), programme, item.category).zh,
            )
            sums = (yuan_text(item.level_fen), yuan_text(item.amount_fen))
            yield (grouped(item.award.case.receipt), *who, *sums, wording.reckoned(said, item), said.cell(item_words(item)))


def _checks(said: Said, batch: Batch) -> Iterator[Section]:
    rows = Check.objects.filter(item__batch=batch).select_related("item__award__case").order_by("id")
    told = (
        (
            grouped(one.item.award.case.receipt),
            CHECK_WORDS[one.kind],
            wording.place(one.desk_code),
            result_words(one),
            one.done_at,
        )
        for one in rows.iterator(chunk_size=AT_ONCE)
    )
    note = said("查到什么写在每件的档案里。", "What was found stands in each case's own papers.")
    yield Section(said("核查", "Checks"), told, wording.headers(said, "receipt", "kind", "area", "result", "when"), note)


def _notices(said: Said, batch: Batch) -> Iterator[Section]:
    rows = list(Announcement.objects.filter(batch=batch).order_by("id"))
    shown = [(one.starts_on, one.ends_on, one.count, one.supervision, one.objections_to, one.digest) for one in rows]
    headers = (*wording.headers(said, "from", "until", "count"), said("监督电话", "supervision"), said("受理异议", "objections to"))
    yield Section(said("公示", "Public notices"), shown, (*headers, *wording.headers(said, "digest")))
    hung = [(one.hung_on, one.place, wording.place(one.area_code)) for one in Posted.objects.filter(announcement__in=rows).order_by("id")]
    yield Section(said("张贴", "Where posters hung"), hung, (said("日期", "date"), said("地点", "place"), said("地区", "area")))


def _payments(said: Said, batch: Batch) -> Iterator[Section]:
    orders = list(Order.objects.filter(batch=batch.uid).order_by("id"))
    names = staff_names({actor for one in orders for actor in (one.made_by, one.released_by)})
    files = [
        (
            one.number,
            ORDER_STATES[one.state],
            one.count,
            yuan_text(one.total_fen),
            names.get(one.made_by, ""),
            names.get(one.released_by, ""),
            one.handed_over_at,
            one.file_digest,
        )
        for one in orders
    ]
    headers = (*wording.headers(said, "order", "state", "count", "yuan"), said("编制", "made by"), said("复核", "released by"))
    headers = (*headers, said("取走", "handed over"), said("文件摘要", "digest of the file"))
    yield Section(said("发放文件", "Bank files"), files, headers)
    named = OutcomeRow.objects.filter(reference__in=Instruction.objects.filter(order__in=orders).values("reference")).values("outcome")
    answers = [(one.received_at, one.rows, one.file_digest) for one in Outcome.objects.filter(pk__in=named).order_by("id")]
    yield Section(said("银行答复", "The bank's answers"), answers, wording.headers(said, "when", "count", "digest"))
    sums = Payment.objects.filter(batch=batch.uid).order_by("state").values_list("state").annotate(n=Count("id"), fen=Sum("amount_fen"))
    rows = [(PAYMENT_STATES[state], count, yuan_text(int(fen))) for state, count, fen in sums]
    yield Section(said("款项", "Payments"), rows, wording.headers(said, "state", "count", "yuan"))
    yield _funds(said, batch)


def _funds(said: Said, batch: Batch) -> Section:
    """Which fund bears how much, and spent it where the bank paid; what was given up is no fund's. One pass over the payments."""
    counts, sums, paid = Counter[str](), Counter[str](), Counter[str]()
    source = Payment.objects.filter(batch=batch.uid).exclude(state="withdrawn").values_list("funds", "shares", "state")
    for funds, shares, state in source.iterator(chunk_size=AT_ONCE):
        for fund, fen in zip(funds, shares, strict=True):
            counts[fund] += 1
            sums[fund] += fen
            paid[fund] += fen if state == "paid" else 0
    names = wording.fund_names(counts)
    rows = [(names.get(fund, fund), counts[fund], yuan_text(sums[fund]), yuan_text(paid[fund])) for fund in sorted(counts)]
    headers = (said("资金", "fund"), *wording.headers(said, "count", "yuan"), said("其中已支出（元）", "spent of it, yuan"))
    return Section(said("由哪项资金支付", "Out of which fund"), rows, headers, said(*wording.SHARES))
