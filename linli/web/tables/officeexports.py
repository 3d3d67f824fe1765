"""The other lists of the office as spreadsheets: screenings, notices, deliveries and their doubts, money, accounts, windows, the trace.

Each reads what its page reads, through the same query, so that rows, grants and filters are the page's; where that comes a page at a time,
page after page to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from linli.casework.desks import own_lists
from linli.casework.receipts import grouped
from linli.kernel.hours import hours_lines, read_hours
from linli.kernel.viewer import Viewer
from linli.notices import queries as notices_of
from linli.programmes.declaration import Programme
from linli.registers.acts.accounts import require_clerk
from linli.registers.queries.staff import StaffChoice, names_of, staff_page
from linli.registers.queries.windows import administered
from linli.screening import queries as screening
from linli.screening.queries import Row
from linli.settlement import payees
from linli.settlement import queries as settlement
from linli.settlement.words import PAYMENT_STATES
from linli.trace import queries as trace
from linli.vault import queries as vault
from linli.web.frame.sensitive import field_words, purpose_words
from linli.web.imports import doubts, lists
from linli.web.insights import listquality
from linli.web.money import funds, payments
from linli.web.office import accounts, deliveries, recorded
from linli.web.programme import findings, shelf
from linli.web.tables import placeexports
from linli.web.tables.exports import PORTION, Sheet
from linli.web.templatetags.components import status_words
from linli.web.templatetags.texts import chinese, period_words, words

Parameters = Mapping[str, str]
Rows = Iterator[tuple[Any, ...]]


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


def _by_id(page: Callable[[int], list[Any]]) -> Iterator[list[Any]]:
    """Pages that go on beyond the last id of the one before."""
    last = 0
    while some := page(last):
        yield some
        last = some[-1].pk


def _by_key(page: Callable[[str], tuple[list[Any], str]]) -> Iterator[list[Any]]:
    """Pages that say themselves where the next begins."""
    after = ""
    while True:
        some, after = page(after)
        yield some
        if not after:
            return


def runs(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The last screening of every programme; of one of them (programme), every screening, newest first."""
    slug = parameters.get("programme", "")
    pages = (
        _by_id(lambda before: screening.runs(viewer, programme=slug, before=before or None)) if slug else [screening.latest_runs(viewer)]
    )
    headers = (_("政策"), _("日期"), _("版本"), _("状态"), _("找到的人"), _("还不能确定"), _("新找到"), _("新失去"), _("完成时间"))
    return Sheet(_("政策匹配"), headers, (_run(one) for some in pages for one in findings.named_runs(viewer, some)))


def _run(one: findings.NamedRun) -> tuple[Any, ...]:
    run, found = one.run, one.tally
    counts = (found.eligible, found.undecided, found.newly_found, found.newly_lost) if one.state == "done" else (None,) * 4
    return words(one.label), run.as_of, run.programme_version, status_words(one.state), *counts, run.finished_at


def notices(viewer: Viewer, parameters: Parameters) -> Sheet:
    """What was sent, or was not, in one state; never what a letter says."""
    state = parameters.get("state", "") if parameters.get("state") in deliveries.SHOWN else "failed"
    pages = _by_id(lambda before: notices_of.deliveries(viewer, state, before=before, limit=PORTION))
    headers = (_("通知"), _("编号"), _("方式"), _("状态"), _("原因"), _("时间"), _("收信人"))
    return Sheet(_("通知记录"), headers, (_notice(one) for some in pages for one in deliveries.shown(some)))


def _notice(one: deliveries.Shown) -> tuple[Any, ...]:
    row = one.row
    said = (one.channel, one.state, one.error, row.settled_at or row.due_at)
    return words(one.title), row.notice.code, *said, str(row.notice.recipient)


def mailings(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Mailings after screenings of the whole city."""
    headers = (_("政策"), _("涉及的人"), _("已写信"), _("状态"), _("时间"))
    told = ((words(one.programme), one.row.people, one.row.written, one.state, one.row.made_at) for one in deliveries.mailed(viewer))
    return Sheet(_("群发通知"), headers, told)


def delivered(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Every delivery of the viewer's lists in their areas, or of one list (slug), newest first."""
    viewer.require("officer", area=next(iter(viewer.areas("officer")), ""))
    slug = parameters.get("slug", "")
    if slug and slug not in own_lists(viewer):
        raise KeyError(slug)
    headers = (
        _("名单"),
        _("截至"),
        _("谁提交"),
        _("导入时间"),
        _("覆盖"),
        _("行数"),
        _("新上名单"),
        _("内容变更"),
        _("退出名单"),
        _("状态"),
    )
    pages = _by_key(lambda after: lists.history(viewer, slug, after))
    return Sheet(_("提交记录"), headers, (_delivered(one) for some in pages for one in some))


def _delivered(one: lists.Delivered) -> tuple[Any, ...]:
    row = one.row
    counts = (row.rows, row.opened, row.changed, row.closed)
    return words(one.label), row.as_of, one.who, row.applied_at, one.area, *counts, _("已撤销") if row.undone_at else _("有效")


def touched(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Whom a delivery changed: delivery, state (opened, changed or closed). What a sensitive list says of them is recorded as read."""
    delivery, change = lists.delivery(viewer, UUID(parameters["delivery"])), parameters["state"]
    if change not in lists.CHANGES:
        raise KeyError(change)
    pages = _by_key(lambda after: lists.touched(viewer, delivery, change, after))
    return Sheet(_("变了谁"), (_("姓名"), _("起"), _("止")), ((one.name, one.since, one.until) for some in pages for one in some))


def doubtful(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The rows of a delivery that wait for a human: delivery, reason, asked ("1"). Being named by a sensitive list is recorded."""
    delivery = UUID(parameters["delivery"])
    lists.delivery(viewer, delivery)
    reason, asked = parameters.get("reason", ""), parameters.get("asked") == "1"
    pages = _by_key(lambda after: doubts.page(viewer, delivery, reason, after, asked=asked))
    headers = (_("行"), _("为什么存疑"), _("已请部门核实"), _("名单上的姓名"), _("可能是"))
    told = ((one.doubt.row, one.reason, _("是") if one.asked else "", one.name, _("、").join(one.meant)) for some in pages for one in some)
    return Sheet(_("存疑待核"), headers, told)


def of_funds(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The funds of the viewer's programmes."""
    headers = (_("资金"), _("编号"), _("承诺（元）"), _("已拨入（元）"), _("已留给批准的（元）"), _("已发放（元）"), _("可用（元）"))
    return Sheet(_("资金"), headers, (_fund(one) for one in funds.funds(viewer)))


def _fund(one: funds.FundRow) -> tuple[Any, ...]:
    told = one.figures
    sums = (told.promised_fen, told.allocated_fen, told.committed_fen, told.spent_fen, told.free_fen)
    return words(one.purpose), one.slug, *(_yuan(fen) for fen in sums)


def paying(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Batches that are being paid, newest first."""
    headers = (_("政策"), _("期间"), _("笔数"), _("金额（元）"), _("已到账"), _("有账户待更正"), _("编制发放文件"), _("等银行回盘"))
    return Sheet(_("发放中的批次"), headers, (_paying(one) for some in _batches(viewer) for one in payments.batch_rows(some)))


def _batches(viewer: Viewer) -> Iterator[list[settlement.BatchFigures]]:
    before = None
    while some := settlement.figures(viewer, before=before):
        yield some
        before = some[-1].batch


def _paying(one: payments.BatchRow) -> tuple[Any, ...]:
    told = one.figures
    return words(one.label), told.period, told.count, _yuan(told.fen), one.paid, one.attention, one.ready, one.under_way


def recoveries(viewer: Viewer, parameters: Parameters) -> Sheet:
    """What was paid too much and is not back yet, oldest first."""
    headers = (_("回执编号"), _("期限"), _("多发金额（元）"), _("待退回（元）"))
    pages = _by_id(lambda after: settlement.recoveries(viewer, after=after))
    told = ((grouped(one.case.receipt), one.case.due_at, _yuan(one.amount_fen), _yuan(one.open_fen)) for some in pages for one in some)
    return Sheet(_("待退回的款项"), headers, told)


def by_county(viewer: Viewer, parameters: Parameters) -> Sheet:
    """One list by county: slug."""
    headers = (_("县（市、区）"), _("时效"), _("数据日期"), _("有效记录"), _("单元格有错"), _("存疑待核"), _("居民提出异议"))
    row = listquality.row(viewer, parameters["slug"])
    told = (
        (one.name, one.lamp.words, one.as_of, one.records, one.wrong.value, one.doubtful.value, one.disputed.value) for one in row.counties
    )
    return Sheet(words(row.label), headers, told)


def staff(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Staff with their grants of today, narrowed as on the page: words, role, state."""
    choice = StaffChoice(**{name: parameters.get(name, "") for name in ("words", "role", "state")})
    first = staff_page(viewer, choice, limit=PORTION)
    headers = (_("姓名"), _("登录名"), _("单位"), _("今天的授权"), _("第二步验证"), _("状态"))
    return Sheet(_("工作人员"), headers, _staff(viewer, choice, first))


def _staff(viewer: Viewer, choice: StaffChoice, page: list[Any]) -> Rows:
    while page:
        worded = iter(accounts.in_words(grant for row in page for grant in row.current))
        for row in page:
            grants = [next(worded) for _grant in row.current]
            said = _("；").join(" · ".join((one.role, one.area, one.programme)) for one in grants)
            state = _("可以登录") if row.is_active else _("已停用")
            yield (
                row.name,
                row.login,
                row.organisation.name if row.organisation else "",
                said,
                _("已设置") if row.second else _("未设置"),
                state,
            )
        page = staff_page(viewer, replace(choice, after=page[-1].login), limit=PORTION)


def windows(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The windows of one's areas by number."""
    viewer.require("administrator", area=next(iter(viewer.areas("administrator")), ""))
    headers = (_("名称"), _("编号"), _("行政区划代码"), _("每周办公时间"), _("状态"))
    told = (
        (
            one.name_zh,
            one.code,
            one.area_code,
            "\n".join(hours_lines(read_hours(one.hours, one.dates), chinese=chinese())),
            _("已停用") if one.closed else _("在用"),
        )
        for one in administered(viewer).iterator(chunk_size=PORTION)
    )
    return Sheet(_("服务窗口"), headers, told)


def facts(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The trace, newest first: subject, kind. For auditors."""
    viewer.require("auditor")
    subject, kind = parameters.get("subject", ""), parameters.get("kind", "")
    pages = _by_id(lambda before: trace.newest(viewer, subject=subject, type_name=kind, before=before, limit=PORTION))
    headers = (_("发生了什么"), _("对象"), _("内容"), _("由谁"), _("时间"))
    return Sheet(_("留痕"), headers, (row for some in pages for row in _facts(some)))


def _facts(some: list[Any]) -> Rows:
    names = names_of({who for one in some for who in (one.actor, one.subject) if who.startswith("staff:")})
    told = recorded.Told(some, names)
    for one in some:
        by = accounts.actor_words(one.actor, names)
        yield accounts.fact_words(one.type), told.subject(one.subject), told.payload(one), by, one.occurred_at


def reads(viewer: Viewer, parameters: Parameters) -> Sheet:
    """Who read whose sensitive fields, newest first: subject, a person's id. For auditors. People stand by the ends of their ids, as on the
    page, with the number of the row by which the page finds the same person."""
    viewer.require("auditor")
    subject = vault.whose(viewer, parameters["subject"]) if parameters.get("subject") else None
    pages = _by_id(lambda before: vault.reads(viewer, subject=subject, before=before, limit=PORTION))
    headers = (_("由谁"), _("目的"), _("对象"), _("内容"), _("时间"))
    return Sheet(_("谁查阅了谁"), headers, (row for some in pages for row in _reads(some)))


def _reads(some: list[Any]) -> Rows:
    names = names_of({one.actor for one in some})
    for one in some:
        fields = _("、").join(field_words(field) for field in one.fields)
        yield (
            accounts.actor_words(one.actor, names),
            purpose_words(one.purpose),
            f"{recorded.by_ends(one.subject)}（#{one.pk}）",
            fields,
            one.at,
        )


def lacking(viewer: Viewer, parameters: Parameters) -> Sheet:
    """People of the clerk's own area who lack exactly one document or fact of a programme: programme."""
    chosen = next(one for one in shelf.published() if one.slug == parameters["programme"])
    first = screening.lacking_one(viewer, chosen.slug)
    headers = (_("名称"), _("出生日期"), _("县（市、区）"), _("差这一项"))
    return Sheet(_("只差一项的人"), headers, _lacking(viewer, chosen, first))


def _lacking(viewer: Viewer, chosen: Programme, page: list[Row]) -> Rows:
    while page:
        for one in findings.listed(page, chosen, {}):
            row = one.row
            yield row.name, row.birth_date, row.area_name, _("、").join(words(label) for label in one.missing)
        page = screening.lacking_one(viewer, chosen.slug, after=page[-1].id)


def of_payees(viewer: Viewer, parameters: Parameters) -> Sheet:
    """For whom the organisations of a batch are paid, a row for each payment: batch. Each reading is recorded for the person."""
    batch = UUID(parameters["batch"])
    named = {one.organisation: one for one in payees.of_batch(viewer, batch)}
    headers = (_("单位名称"), *_payee_headers())
    told = ((named[one.row.payee_uid].name if one.row.payee_uid in named else "", *_payee_row(one)) for one in _lines(viewer, batch, None))
    return Sheet(_("收款单位"), headers, told, lambda: sum(one.count for one in named.values()))


def of_payee(viewer: Viewer, parameters: Parameters) -> Sheet:
    """For whom an organisation is paid out of a batch: batch, organisation. Each reading is recorded for the person."""
    batch, organisation = (UUID(parameters[name]) for name in ("batch", "organisation"))
    found = payees.received(viewer, batch, organisation)
    return Sheet(_("收款明细"), _payee_headers(), map(_payee_row, _lines(viewer, batch, organisation)), lambda: found.count)


def _payee_headers() -> tuple[str, ...]:
    return (_("回执编号"), _("姓名"), _("金额（元）"), _("状态"), _("日期"))


def _payee_row(one: payees.Line) -> tuple[Any, ...]:
    receipt, row = grouped(one.receipt) if one.receipt else "", one.row
    return receipt, one.name, _yuan(row.amount_fen), words(PAYMENT_STATES[row.state]), one.day


def _lines(viewer: Viewer, batch: UUID, organisation: UUID | None) -> Iterator[payees.Line]:
    for some in _after(lambda after: payees.lines(viewer, batch, organisation, after=after, limit=PORTION)):
        yield from some


def _after(page: Callable[[int], list[payees.Line]]) -> Iterator[list[payees.Line]]:
    """Pages that go on after the last payment of the one before."""
    after = 0
    while some := page(after):
        yield some
        after = some[-1].row.pk


def payee_batches(viewer: Viewer, parameters: Parameters) -> Sheet:
    """The batches that pay an organisation: organisation."""
    require_clerk(viewer)
    headers = (_("政策"), _("期间"), _("笔数"), _("金额（元）"), _("已到账（元）"))
    told = (
        (words(payments.label_of(one.programme)), period_words(one.period), one.count, _yuan(one.fen), _yuan(one.paid_fen))
        for one in payees.of_organisation(viewer, UUID(parameters["organisation"]))
    )
    return Sheet(_("收到的款项"), headers, told)


LISTINGS: dict[str, Any] = {
    "runs": runs,
    "notices": notices,
    "mailings": mailings,
    "deliveries": delivered,
    "doubts": doubtful,
    "delivery": touched,
    "funds": of_funds,
    "paying": paying,
    "recoveries": recoveries,
    "list-counties": by_county,
    "staff": staff,
    "windows": windows,
    "places": placeexports.places,
    "trace": facts,
    "reads": reads,
    "lacking": lacking,
    "payees": of_payees,
    "payee": of_payee,
    "payee-batches": payee_batches,
}
ASKED = (
    "programme",
    "state",
    "delivery",
    "reason",
    "asked",
    "slug",
    "words",
    "role",
    "subject",
    "kind",
    "batch",
    "organisation",
    "q",
    "category",
    "area",
)
"""What these lists are narrowed by."""
