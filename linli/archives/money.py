"""Payments of a case with what the bank said of each, and the batches that its award stood in: checks, notices, draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from linli.agreements.models import Award
from linli.agreements.queries import AWARD_REASONS
from linli.archives import wording
from linli.archives.pages import Said, Section
from linli.batches.explained import CHECK_WORDS, of_reckoning, result_words
from linli.batches.models import Announcement, Check, Difference, Draw, Item
from linli.batches.refusals import STATE_WORDS
from linli.casework.models import Case
from linli.entitlements.paying import names_of_payees
from linli.kernel.money import yuan_text
from linli.kernel.periods import in_words
from linli.programmes.procedure.declaration import PAYEES
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.settlement.checking import given_of
from linli.settlement.models import Account, Instruction, Payment
from linli.settlement.words import ACCOUNT_STATES, PAYMENT_STATES, REASONS

Opened = Callable[[Sequence[str]], list[str]]


def stands(said: Said, case: Case) -> Iterator[Section]:
    """How what was granted stands on the day of filing, and every time that it rested, with the reason. Two queries; nothing without an
    award."""
    award = Award.objects.filter(case=case).first()
    if award is None:
        return
    rows = [
        (said("状态", "state"), wording.AWARD_STATES[award.state]),
        (said("起止", "from and until"), f"{award.begins_on} – {award.ends_on or ''}"),
        (said("原因", "why"), AWARD_REASONS.get(award.ending, "")),
    ]
    yield Section(said("待遇", "Award"), rows)
    rests = [(AWARD_REASONS.get(one.reason, one.reason), one.from_day, one.until_day) for one in award.rests.order_by("id")]
    yield Section(said("暂停发放", "Times it rested"), rests, wording.headers(said, "why", "from", "until"))


def payments(said: Said, case: Case, opened: Opened, shown: Callable[[str], str]) -> Iterator[Section]:
    """What was to be paid to whom out of which fund, to which accounts, and every time that the bank was asked. Eight queries.

    opened: accounts as they were given, the reading recorded; shown: a number as this archive has it.
    """
    rows = list(Payment.objects.filter(case=case.uid).order_by("id"))
    payees = names_of_payees(one.payee_uid for one in rows)
    funds = wording.fund_names(fund for one in rows for fund in one.funds)
    yield Section(
        said("款项", "Payments"),
        [
            (
                said(*in_words(one.period)),
                yuan_text(one.amount_fen),
                payee_words(said, one.payee, payees.get(one.payee_uid, "") if one.payee != "self" else ""),
                wording.of_funds(said, funds, one.funds, one.shares),
                PAYMENT_STATES[one.state],
                REASONS[one.reason],
                one.paid_on,
            )
            for one in rows
        ],
        wording.headers(said, "period", "yuan", "payee", "funds", "state", "why", "day"),
        said(
            "资金栏合计包括暂扣的质保金和经本人同意扣回的部分。", "A fund's share holds what is retained and what is set off with consent."
        ),
    )
    yield _accounts(said, case, rows, opened, shown)
    asked = Instruction.objects.filter(payment__in=rows).select_related("order", "outcome").order_by("id")
    yield Section(
        said("向银行发出的指令和银行的答复", "Instructions and the bank's answers"),
        [(one.reference, one.order.number, yuan_text(one.amount_fen), one.tail, one.code, one.told_on, *_answer(one)) for one in asked],
        wording.headers(said, "reference", "order", "yuan", "tail", "code", "day", "answer", "line"),
    )


def payee_words(said: Said, kind: str, name: str) -> str:
    """Who is paid: as what, and by name where it isn't the person."""
    words = said.cell(PAYEES[kind])
    return said(f"{words}（{name}）", f"{words} ({name})") if name else words


def _accounts(said: Said, case: Case, rows: Sequence[Payment], opened: Opened, shown: Callable[[str], str]) -> Section:
    """Every account, those that were corrected too, in their order: in whose name, who gave it and when, what its check said."""
    found = list(Account.objects.filter(award__in={one.award for one in rows}, person=case.subject_uid).order_by("id")) if rows else []
    names = wording.people(said, {actor for one in found for actor in (one.entered_by, one.checked_by)}, case.subject)
    told = []
    for one, text in zip(found, opened([one.cipher for one in found]), strict=True):
        given = given_of(text)
        who = names[one.entered_by] or said("随申请", "with the application")
        number = shown(given.number) or (f"…{one.tail}" if one.tail else "")
        told.append((given.name, number, who, one.entered_at, ACCOUNT_STATES[one.state], REASONS[one.reason], names[one.checked_by]))
    headers = wording.headers(said, "holder", "account", "by", "when", "check", "why", "who")
    return Section(said("收款账户", "Accounts"), told, headers)


def _answer(one: Instruction) -> tuple[str, int | None]:
    return (one.outcome.file_digest, one.line) if one.outcome is not None else ("", None)


@dataclass(frozen=True, slots=True)
class Stood:
    """A time that the case's award stood in a batch."""

    item: Item
    checks: tuple[Check, ...]
    notices: tuple[Announcement, ...]
    draws: tuple[Draw, ...]
    differences: tuple[Difference, ...]


def batches_of(case: Case) -> list[Stood]:
    """Every time, in order. Five queries."""
    items = list(Item.objects.filter(award__case=case).select_related("batch").order_by("id"))
    batches = {one.batch_id for one in items}
    checks = list(Check.objects.filter(item__in=items).order_by("item", "id"))
    by_item = {key: tuple(some) for key, some in groupby(checks, key=lambda one: one.item_id)}
    notices = list(Announcement.objects.filter(batch__in=batches).order_by("id"))
    differences = list(Difference.objects.filter(item__in=items, dropped_at__isnull=True).order_by("id"))
    draws = list(Draw.objects.filter(batch__in=batches).order_by("id"))
    return [
        Stood(
            one,
            by_item.get(one.pk, ()),
            tuple(notice for notice in notices if notice.batch_id == one.batch_id),
            tuple(draw for draw in draws if draw.batch_id == one.batch_id),
            tuple(change for change in differences if change.item_id == one.pk),
        )
        for one in items
    ]


def batch_sections(said: Said, rows: Sequence[Stood], texts: Sequence[str]) -> list[Section]:
    """As tables. texts: what each check found and how it was settled, two for a check, in order."""
    names = names_of({actor for one in rows for check in one.checks for actor in (check.done_by, check.settled_by)})
    told, found = iter(texts), []
    for one in rows:
        for check in one.checks:
            words = "\n".join(text for text in (next(told), next(told)) if text)
            who = "、".join(names.get(actor, actor) for actor in (check.done_by, check.settled_by) if actor)
            result = result_words(check)
            found.append((CHECK_WORDS[check.kind], wording.place(check.desk_code), result, who, words, check.done_at))
    listed = [
        (
            str(one.item.batch.uid),
            said(*in_words(one.item.period)),
            Label(*STATE_WORDS[one.item.batch.state]),
            yuan_text(one.item.amount_fen),
            wording.reckoned(said, one.item),
            one.item.added_at,
        )
        for one in rows
    ]
    changes = [(said(*in_words(one.item.period)), change) for one in rows for change in one.differences]
    later = [
        (period, yuan_text(one.fen), "; ".join(said.cell(Label(*line)) for line in of_reckoning(one.reckoning)), one.found_at)
        for period, one in changes
    ]
    shown = [(notice.starts_on, notice.ends_on, notice.digest) for one in rows for notice in one.notices]
    drawn = [(draw.code, draw.drawn_at, draw.digest) for one in rows for draw in one.draws]
    return [
        Section(said("列入的批次", "Batches"), listed, wording.headers(said, "batch", "period", "state", "yuan", "how", "when")),
        Section(said("发放以后的变化", "What changed after payment"), later, wording.headers(said, "period", "yuan", "words", "when")),
        Section(said("核查", "Checks"), found, wording.headers(said, "kind", "area", "result", "who", "words", "when")),
        Section(said("公示", "Public notices"), shown, wording.headers(said, "from", "until", "digest")),
        Section(said("公开抽取", "Public draws"), drawn, wording.headers(said, "draw", "when", "digest")),
    ]
