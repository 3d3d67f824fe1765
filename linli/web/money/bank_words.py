"""What officers enter from a bank's papers and others confirm, as pages show it, and the forms that it is entered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from linli.kernel.viewer import Viewer
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.settlement.acts.owing import PAID_BEFORE
from linli.settlement.acts.surplus import returned_again
from linli.settlement.acts.twice import contradiction
from linli.settlement.models import BankWord, OutcomeRow, Payment
from linli.settlement.queries import entries_of_payment, seen_in_files

KINDS = {
    "back": Label("退回的款项", "money that came back"),
    "paid": Label("银行确认已付", "the bank says that it is paid"),
    "surplus": Label("退回了两次的款项", "money that came back twice"),
}
GOES_TO = {
    "": Label("", ""),
    "person": Label("退还本人", "to be paid to the person"),
    "fund": Label("就是以前登记退回的那笔钱，不再入账", "the very money that was entered as paid back: nothing more is booked"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What one officer entered. by: their name; own: it was the viewer; seen: the row of a bank's file with that reference, if any."""

    row: BankWord
    kind: Label
    whose: Label
    by: str
    own: bool
    seen: OutcomeRow | None


def shown(viewer: Viewer, rows: Sequence[BankWord]) -> list[Entry]:
    """Entries with who made them, and where a file of the bank carries the reference. Two queries."""
    names, seen = names_of({one.entered_by for one in rows}), seen_in_files(rows)
    return [
        Entry(
            one,
            KINDS[one.kind],
            GOES_TO[one.goes_to],
            names.get(one.entered_by, ""),
            one.entered_by == viewer.actor,
            seen.get(one.reference),
        )
        for one in rows
    ]


class SaidForm(forms.Form):
    """The bank's own reference of what it wrote."""

    reference = forms.CharField(label=gettext_lazy("银行书面答复或回单的编号"), max_length=60)


class SurplusForm(SaidForm):
    """Whose the money is that came back twice."""

    goes_to = forms.ChoiceField(
        label=gettext_lazy("这笔钱"),
        choices=[
            ("person", gettext_lazy("本人已经退过，银行又退了一次：退还本人")),
            ("fund", gettext_lazy("就是以前登记退回的那笔钱，不再入账")),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ("goes_to", "reference")


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the bank's row says against what was known of a payment. kind: paid or surplus; entries: what waits for a second officer."""

    kind: str
    row: OutcomeRow
    form: forms.Form
    entries: list[Entry]


def doubt_of(viewer: Viewer, payment: Payment, data: Any = None) -> Doubt | None:
    """What two officers have to settle about a payment by the bank's papers; None where there is nothing. Six queries at most."""
    form: forms.Form
    if payment.reason == PAID_BEFORE:
        kind, found, form = "paid", contradiction(payment), SaidForm(data)
    else:
        kind, found, form = "surplus", returned_again(payment) if payment.state == "paid" else None, SurplusForm(data)
    if found is None:
        return None
    return Doubt(kind, found[1], form, shown(viewer, entries_of_payment(payment)))
