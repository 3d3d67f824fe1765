"""Payments as the officers' pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock
from linli.kernel.bankcards import wrong_with
from linli.kernel.viewer import Viewer
from linli.notices.offices import in_force
from linli.programmes.declaration import Programme
from linli.registers.models import Resident
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.settlement import queries
from linli.settlement.banking.layouts import Layout, layouts
from linli.settlement.models import AccountAnswer, BankAnswer, Instruction, Order, Outcome, Payment
from linli.settlement.words import (
    CHECK_VERDICTS,
    INQUIRY_STATES,
    INSTRUCTION_STATES,
    ORDER_STATES,
    PAYMENT_STATES,
    REASONS,
    VERDICTS,
    WARNINGS,
)
from linli.web.frame.counted import counted
from linli.web.money.accounts import WRONG
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import chinese, tongue, words

# state -> (kind of tag, icon)
_SIGNS = {
    "waiting": ("bad", "question"),
    "ready": ("open", "pencil"),
    "ordered": ("note", "clock"),
    "paid": ("good", "tick"),
    "failed": ("bad", "cross"),
    "retained": ("note", "clock"),
    "withdrawn": ("not", "cross"),
    "making": ("note", "clock"),
    "made": ("open", "question"),
    "released": ("open", "pencil"),
    "handed_over": ("note", "clock"),
    "settled": ("good", "tick"),
    "dropped": ("not", "cross"),
}
ATTENTION = ("waiting", "failed")


@dataclass(frozen=True, slots=True)
class Tagged:
    """A state as a tag: never by colour alone."""

    kind: str
    sign: str
    text: str


def payment_state(state: str) -> Tagged:
    """How a payment stands."""
    return Tagged(*_SIGNS[state], words(PAYMENT_STATES[state]))


def try_state(state: str) -> Tagged:
    """How one line of a bank file stands; what became of the payment afterwards says payment_state."""
    return Tagged(*_SIGNS[SAID[state]], words(INSTRUCTION_STATES[state]))


def order_state(state: str) -> Tagged:
    """How a bank file stands."""
    return Tagged(*_SIGNS[state], words(ORDER_STATES[state]))


def fitting(programme: Programme | None) -> list[Layout]:
    """The layouts for a programme's channel, the channel's own first; every one where none is in force."""
    payment = programme.payment if programme else None
    known = sorted(layouts(Path(settings.LINLI_CITY)).values(), key=lambda one: len(one.channels))
    return [one for one in known if payment is None or payment.channel in one.channels]


def fillable(programme: Programme | None) -> str | None:
    """The first layout that needs no project's code but what the programme names; None leaves the first of all."""
    known = bool(programme and programme.payment and programme.payment.project_code)
    return next((one.slug for one in fitting(programme) if known or not one.needs_project_code), None)


class PayerSelect(forms.Select):
    """Payers by their names, which are Chinese on an English page too and say so."""

    def create_option(self, *told: Any, **more: Any) -> dict[str, Any]:
        option = super().create_option(*told, **more)
        option["attrs"]["lang"] = tongue(str(option["label"]))
        return option


class OrderForm(forms.Form):
    """What the next bank file is made with; as the last one of the programme unless somebody chooses otherwise.

    lacking: the layouts that can't be chosen while no account to pay from is entered.
    """

    layout = forms.ChoiceField(label=gettext_lazy("银行文件格式"))
    payer = forms.ChoiceField(label=gettext_lazy("付款账户"), required=False, widget=PayerSelect)
    project_code = forms.CharField(
        label=gettext_lazy("一卡通项目代码"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("只有一卡通格式需要，按财政部门文件填写"),
    )
    day = DayField((2020, 2100), label=gettext_lazy("请银行哪天付款"))

    def __init__(self, programme: Programme | None, *args: Any, **kwargs: Any) -> None:
        payment = programme.payment if programme else None
        last = queries.last_order(programme.slug) if programme else None
        kwargs["initial"] = {
            "day": clock.today(),
            "project_code": (payment and payment.project_code) or "",
            "layout": last.layout if last else fillable(programme),
            "payer": str(last.payer.uid) if last and last.payer else None,
        }
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        payers, fit = queries.payers(), fitting(programme)
        self.lacking = [] if payers else [one.label for one in fit if one.needs_payer]
        if not any(one.needs_project_code for one in fit):
            del fields["project_code"]
        fields["layout"].choices = [(one.slug, words(one.label)) for one in fit if payers or not one.needs_payer]
        fields["payer"].choices = [(str(one.uid), f"{one.name} …{one.number[-4:]}") for one in payers]
        if not payers:
            del fields["payer"]


class CheckForm(forms.Form):
    """Which bank is asked about the accounts."""

    check_layout = forms.ChoiceField(label=gettext_lazy("银行文件格式"))

    def __init__(self, programme: Programme | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["check_layout"].choices = [(one.slug, words(one.label)) for one in fitting(programme) if one.check is not None]

    @property
    def offered(self) -> bool:
        """Whether any bank can be asked."""
        fields: dict[str, Any] = self.fields
        return bool(fields["check_layout"].choices)


class PayerForm(forms.Form):
    """An account of the treasury."""

    name = forms.CharField(label=gettext_lazy("户名"), max_length=60)
    number = forms.RegexField(label=gettext_lazy("账号"), regex=r"^[0-9A-Za-z-]{6,34}$", max_length=34)
    bank = forms.RegexField(
        label=gettext_lazy("开户行行号"),
        regex=r"^[0-9A-Z]{8,14}$",
        max_length=14,
        help_text=gettext_lazy("十二位联行号，或八位、十一位 BIC"),
    )


class AccountForm(forms.Form):
    """An account that somebody is paid to."""

    name = forms.CharField(
        label=gettext_lazy("户名"),
        max_length=60,
        help_text=gettext_lazy("与存折或银行卡上一字不差"),
        error_messages={"required": gettext_lazy("请写上户名，照存折或银行卡上的写")},
    )
    number = forms.CharField(
        label=gettext_lazy("账号或卡号"),
        max_length=40,
        error_messages={"required": gettext_lazy("请写上账号或卡号")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    bank = forms.CharField(label=gettext_lazy("开户行行号（可以不填）"), max_length=14, required=False)

    def clean_number(self) -> str:
        """A card's number has its check digit; of any other account the bank alone knows."""
        number = str(self.cleaned_data["number"])
        if wrong_with(number) == "check":
            raise forms.ValidationError(WRONG["check"])
        return number


class AnswerForm(forms.Form):
    """The bank's file."""

    file = forms.FileField(label=gettext_lazy("银行回盘文件"), allow_empty_file=False)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch on the list. attention: how many wait for an officer; done: whether nothing is left."""

    figures: queries.BatchFigures
    label: Label
    paid: int
    attention: int
    ready: int
    under_way: int


def batch_rows(found: Iterable[queries.BatchFigures]) -> list[BatchRow]:
    """Batches with their programme's name. One query for each programme."""
    rows = list(found)
    labels = {slug: label_of(slug) for slug in {one.programme for one in rows}}
    return [
        BatchRow(
            one,
            labels[one.programme],
            one.counts.get("paid", 0),
            one.number(*ATTENTION) + one.contradicted,
            one.number("ready"),
            one.number("ordered"),
        )
        for one in rows
    ]


def label_of(slug: str) -> Label:
    """A programme's name, its slug where none is in force."""
    programme = in_force(slug)
    return programme.label if programme else Label(slug, slug)


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment in a list. person: the resident's name, "" once erased."""

    row: Payment
    person: str
    state: Tagged
    reason: Label


def payment_rows(found: Sequence[Payment]) -> list[PaymentRow]:
    """Payments with the names of whom they are about. One query."""
    names = dict(Resident.objects.filter(uid__in={one.person for one in found}).values_list("uid", "name"))
    return [PaymentRow(one, names.get(one.person, ""), payment_state(one.state), REASONS[one.reason]) for one in found]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A bank file with the names of its two people."""

    row: Order
    state: Tagged
    maker: str
    checker: str


def order_rows(found: Sequence[Order]) -> list[OrderRow]:
    """Bank files as their pages show them. One query."""
    names = names_of({actor for one in found for actor in (one.made_by, one.released_by) if actor})
    return [OrderRow(one, order_state(one.state), names.get(one.made_by, ""), names.get(one.released_by, "")) for one in found]


@dataclass(frozen=True, slots=True)
class Try:
    """One time that the bank was asked. said: what the bank's code means, in words."""

    row: Instruction
    state: Tagged
    said: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a payment doesn't go on: what the bank said of it last, or what we found ourselves; and what there is to do. attempt: the key of
    the try that the bank's word is of, which doesn't say it once more."""

    by_bank: bool
    why: str
    then: str
    attempt: int | None = None


_ANOTHER = gettext_lazy("请领取人提供另一个账户，在下面填写；校验通过后列入下一个发放文件，再发一次。")
_AT_THE_BANK = gettext_lazy("请领取人先到银行办好，再把账户重新保存一次；或者提供另一个账户。校验通过后再发一次。")
_LOOK = gettext_lazy("请核对领取人的登记；不应再发的，办理“不再发放这笔款项”。")
_OVER = gettext_lazy("办理“不再发放这笔款项”。")
THEN = {
    **dict.fromkeys(("frozen", "not_reactivated", "limit"), _AT_THE_BANK),
    **dict.fromkeys(("died", "payee_unknown"), _LOOK),
    "award_ended": _OVER,
    "paid_before": "",
    "no_money": gettext_lazy("付还的钱要从原来的资金出，现在余额不够。资金到账后自动转为可以发放，不用再办。"),
}


def trouble(found: Payment, asked: Sequence[Try]) -> Trouble | None:
    """What keeps a payment that waits or failed, said once; None where nothing does."""
    if not found.reason:
        return None
    then = str(THEN.get(found.reason, _ANOTHER)) if found.state in ATTENTION else ""
    last = asked[-1] if asked else None
    if (
        last is not None
        and last.row.state in ("failed", "returned")
        and found.account_id == last.row.account_id
        and found.reason in OF_BANKS
    ):
        return Trouble(True, last.said or words(REASONS[found.reason]), then, last.row.pk)
    return Trouble(False, words(REASONS[found.reason]), then)


OF_BANKS = frozenset({"name_differs", "no_account", "closed", "frozen", "not_reactivated", "limit", "other"})
"""Reasons that a bank's code has."""


SAID = {"open": "ordered", "paid": "paid", "failed": "failed", "returned": "failed", "dropped": "withdrawn"}


def tries(found: Sequence[Instruction]) -> list[Try]:
    """What was asked of the bank and what it said."""
    known = layouts(Path(settings.LINLI_CITY))
    rows = []
    for one in found:
        code = known[one.order.layout].code(one.code) if one.code and one.order.layout in known else None
        rows.append(Try(one, try_state(one.state), words(code.label) if code else ""))
    return rows


@dataclass(frozen=True, slots=True)
class Answer:
    """The bank's answer: how many rows came to what, and what is odd about the file. reading: how far a large one has been read, "" once it
    is; refused: why it wasn't taken after all."""

    row: Outcome | AccountAnswer
    figures: list[tuple[Label, int]]
    warnings: list[Label]
    waiting: int
    reading: str
    refused: str


def answer(found: Outcome | AccountAnswer) -> Answer:
    """One answer, about payments or accounts, with its figures. One query."""
    counts, known = queries.verdicts(found), _verdicts(found)
    figures = [(known[verdict], counts[verdict]) for verdict in known if counts.get(verdict)]
    odd = [WARNINGS[one] for one in found.warnings if one in WARNINGS]
    return Answer(found, figures, odd, counts.get("", 0), reading(found, counts), refusal(found))


def reading(found: BankAnswer, counts: Mapping[str, int]) -> str:
    """How far a large answer has been read, "" for one that stands. counts: of its rows."""
    if found.state != "reading" or found.refusal is not None:
        return ""
    return counted("正在读取，已读 %(number)s 行。稍后刷新本页。", number=sum(counts.values()))


def refusal(found: BankAnswer) -> str:
    """Why an answer wasn't taken after it had been read, with what to do; "" where it was."""
    told = found.refusal
    if told is None:
        return ""
    parts = (told["zh"], told["remedy_zh"]) if chinese() else (told["en"], told["remedy_en"])
    return _("%(problem)s。%(remedy)s。") % {"problem": parts[0].rstrip(".。"), "remedy": parts[1].rstrip(".。")}


def inquiry_state(state: str) -> Tagged:
    """How an account check stands."""
    return Tagged(*_SIGNS[state], words(INQUIRY_STATES[state]))


QUESTIONS = {
    "open": ("note", "clock", Label("银行还没有答复", "not answered yet")),
    "good": ("good", "tick", CHECK_VERDICTS["good"]),
    "bad": ("bad", "cross", CHECK_VERDICTS["bad"]),
    "dropped": ("not", "cross", ORDER_STATES["dropped"]),
}


def refused(found: Outcome | AccountAnswer, rows: Sequence[Any]) -> list[tuple[Any, Label]]:
    """Rows of an answer that were not applied, each with its reason."""
    known = _verdicts(found)
    return [(one, known[one.verdict]) for one in rows]


def _verdicts(found: Outcome | AccountAnswer) -> Mapping[str, Label]:
    return CHECK_VERDICTS if isinstance(found, AccountAnswer) else VERDICTS


def programme_of(slug: str) -> Programme | None:
    """The programme in force."""
    return in_force(slug)


def may_deal(viewer: Viewer, row: Payment) -> bool:
    """Whether the viewer may correct a payment or give it up, own matters left aside."""
    return row.state in ATTENTION and viewer.may("officer", area=row.area_code[:6], programme=row.programme)


def may_release(viewer: Viewer, row: Payment) -> bool:
    """Whether the viewer may let a retained part be paid, as far as their grants say."""
    return row.state == "retained" and viewer.may("officer", area=row.area_code[:6], programme=row.programme)


def uid_of(text: str) -> UUID | None:
    """A uid out of a form, None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
