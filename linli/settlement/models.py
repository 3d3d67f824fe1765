"""Tables of settlement: payees' accounts, payments, the orders they go out with, and what the bank answered."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7
from linli.registers.models import fields

ACCOUNT_STATES = ("unchecked", "good", "bad")
ACCOUNT_REASONS = (
    "",
    "number",
    "name_differs",
    "no_account",
    "closed",
    "frozen",
    "not_reactivated",
    "limit",
    "payee_unknown",
    "died",
    "unwritable",
    "other",
)
MADE_GOOD = "made_good"
PARTS = ("whole", "retained", "again", "refund", "escrow", MADE_GOOD)
OF_AN_ITEM = ("whole", "retained")
"""Parts of what an item comes to; beside them what a bank paid a second time, what a person gets back, and money out of an escrow."""
ONCE = (*OF_AN_ITEM, "escrow")
THE_PERSONS = ("refund", "escrow", MADE_GOOD)
"""Parts that are somebody's own money: owed whatever becomes of the award, and never given up."""
ORGANISATIONS = ("provider", "school", "employer")
"""Payees that are an organisation on record."""
PAYMENT_STATES = ("waiting", "ready", "ordered", "paid", "failed", "retained", "withdrawn")
ORDER_STATES = ("making", "made", "released", "handed_over", "settled", "dropped")
INSTRUCTION_STATES = ("open", "paid", "failed", "returned", "dropped")
OUTCOME_STATES = ("reading", "applying", "done")
VERDICTS = (
    *("", "paid", "failed", "returned", "pending", "repeated"),
    *("unknown", "duplicate", "contradicted", "amount", "account", "code", "unreadable", "not_handed_over", "spent"),
)
WORDS_OF_BANK = ("back", "paid", "surplus")
WORD_STATES = ("waiting", "confirmed", "dropped")
GOES_TO = ("", "person", "fund")
INQUIRY_STATES = ("making", "made", "handed_over", "settled", "dropped")
QUESTION_STATES = ("open", "good", "bad", "dropped")
CHECK_VERDICTS = (
    *("", "good", "bad", "pending", "repeated"),
    *("unknown", "duplicate", "contradicted", "account", "code", "unreadable", "not_handed_over"),
)
CHECK_REFUSED = CHECK_VERDICTS[5:]
APPLIED = ("paid", "failed", "returned")
REFUSED = VERDICTS[6:]


class Payer(models.Model):
    """An account of the treasury that orders are paid from. bank: BIC, or the bank's number in the national clearing system."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    name = models.CharField(max_length=120)
    number = models.CharField(max_length=34)
    bank = models.CharField(max_length=14)
    entered_by = models.CharField(max_length=100)
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number"], condition=Q(ended_at=None), name="payer_once")]

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """An account that somebody is paid to. It never changes but for its check: a correction is a row of its own.

    award: of which it is. person: under whose key `cipher` is, a JSON object of name, number and bank. tail: the last four signs of the
    number; blind: the number's token. state and reason: what the check said, by whom checked_by ("system:settlement", or the bank as
    "bank:<layout>"). entered_by: who gave this one; "" where it came with the award.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    award = models.UUIDField()
    person = models.UUIDField()
    cipher = models.TextField(blank=True)
    tail = models.CharField(max_length=4, blank=True)
    blind = models.CharField(max_length=120, db_collation="C", blank=True)
    state = models.CharField(max_length=10, default="unchecked")
    reason = models.CharField(max_length=20, default="", blank=True)
    checked_by = models.CharField(max_length=100, default="", blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    entered_by = models.CharField(max_length=100, default="", blank=True)
    entered_at = models.DateTimeField()
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("state", ACCOUNT_STATES, "settlement_account_state"),
            fields.one_of("reason", ACCOUNT_REASONS, "settlement_account_reason"),
        ]
        indexes = [
            models.Index(fields=["award", "-id"], name="settlement_account_of"),
            models.Index(fields=["person"], name="settlement_account_person"),
            models.Index(fields=["blind"], name="settlement_account_blind", condition=~Q(blind="")),
        ]

    def __str__(self) -> str:
        return f"account:{self.uid}"


class Payment(models.Model):
    """What is to be paid for one item of a batch, whoever it goes to and however often the bank has to be asked.

    item: the batch's; part: the whole, what is retained until long after acceptance, what the bank paid a second time (again), what came
    back twice and is the person's (refund), what was set off or asked back for nothing (made_good), or a payout out of the escrow of a
    case (escrow), which is its item and award, the case its batch. case: of the award. person: whose matter it is. funds, shares, holds:
    which fund pays how many fen out of which hold, in this order; shares sum to amount_fen + retained_fen + offset_fen; none where the
    money lies on an account of its own. retained_fen: kept back for a later part. offset_fen, offset_case: set off for a recovery that the
    person agreed to, by its case. What is made good names that case and the item it was taken from. attempts: instructions so far.
    not_before: the day a retained part may go. reason: why it waits or failed (ACCOUNT_REASONS). One award is paid once for a period.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    item = models.UUIDField()
    part = models.CharField(max_length=10, default="whole")
    batch = models.UUIDField()
    award = models.UUIDField()
    case = models.UUIDField(null=True, blank=True)
    programme = models.CharField(max_length=80)
    period = models.CharField(max_length=10)
    person = models.UUIDField()
    area_code = fields.area_code(blank=True)
    payee = models.CharField(max_length=10)
    payee_uid = models.UUIDField(null=True, blank=True)
    amount_fen = models.BigIntegerField()
    funds = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    shares = ArrayField(models.BigIntegerField(), default=list, blank=True)
    holds = ArrayField(models.UUIDField(), default=list, blank=True)
    retained_fen = models.BigIntegerField(default=0)
    offset_fen = models.BigIntegerField(null=True, blank=True)
    offset_case = models.UUIDField(null=True, blank=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payments", null=True, blank=True)
    state = models.CharField(max_length=10)
    state_since = models.DateTimeField()
    reason = models.CharField(max_length=20, default="", blank=True)
    attempts = models.SmallIntegerField(default=0)
    not_before = models.DateField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("part", PARTS, "payment_part"),
            fields.one_of("state", PAYMENT_STATES, "payment_state"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_amount"),
            models.CheckConstraint(condition=Q(retained_fen__gte=0), name="payment_retained"),
            models.CheckConstraint(condition=Q(state="paid") ^ Q(paid_on__isnull=True), name="payment_paid_on"),
            models.CheckConstraint(
                condition=~Q(state__in=["ready", "ordered", "paid"]) | Q(account__isnull=False), name="payment_has_account"
            ),
            models.UniqueConstraint(fields=["item", "part"], condition=Q(part__in=ONCE), name="payment_one_of_item"),
            models.UniqueConstraint(fields=["item", "offset_case"], condition=Q(part=MADE_GOOD), name="payment_made_good_once"),
            models.UniqueConstraint(
                fields=["award", "period", "part"], condition=Q(part__in=OF_AN_ITEM) & ~Q(state="withdrawn"), name="payment_one_of_period"
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "state", "id"], name="payment_of_batch"),
            models.Index(fields=["award", "id"], name="payment_of_award"),
            models.Index(fields=["case"], name="payment_of_case", condition=Q(case__isnull=False)),
            models.Index(fields=["person"], name="payment_of_person"),
            models.Index(
                fields=["payee_uid", "batch", "id"],
                name="payment_by_organisation",
                condition=Q(payee__in=list(ORGANISATIONS)),
            ),
            models.Index(fields=["state", "programme", "area_code", "id"], name="payment_by_state", condition=~Q(state="paid")),
        ]

    def __str__(self) -> str:
        return f"payment:{self.uid}"


class Order(models.Model):
    """A file for the bank: payments of one batch, in one layout. made_by makes it, another person releases it (separation of duties).

    layout_digest: of the layout as it was; file_digest: of the file, byte for byte, as the checker released it. day: on which the bank is
    to pay. settled: the bank has answered for every payment.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    number = models.CharField(max_length=16, unique=True, db_collation="C")
    batch = models.UUIDField()
    programme = models.CharField(max_length=80)
    layout = models.CharField(max_length=40)
    layout_digest = models.CharField(max_length=80)
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="orders", null=True, blank=True)
    project_code = models.CharField(max_length=40, default="", blank=True)
    day = models.DateField()
    state = models.CharField(max_length=12)
    count = models.IntegerField(default=0)
    total_fen = models.BigIntegerField(default=0)
    file_digest = models.CharField(max_length=80, default="", blank=True)
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    released_by = models.CharField(max_length=100, default="", blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            fields.one_of("state", ORDER_STATES, "order_state"),
            models.CheckConstraint(condition=~Q(released_by=F("made_by")), name="order_two_people"),
            models.CheckConstraint(
                condition=Q(state__in=["making", "made", "dropped"]) | Q(released_at__isnull=False) & ~Q(released_by=""),
                name="order_released",
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "id"], name="order_of_batch"),
            models.Index(fields=["state", "-id"], name="order_by_state"),
        ]

    def __str__(self) -> str:
        return self.number


class BankAnswer(models.Model):
    """A file that a bank answered with. file_digest: the same file is taken once. warnings: where it contradicts its own sums.

    Of a large one also: grants, with which it was sent, since the worker reads it; refusal: why it wasn't taken after all, with code, words
    and remedy. It then stays at "reading", and its rows change nothing. not_used: verdicts of rows that changed nothing.
    """

    not_used: ClassVar[tuple[str, ...]]

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    layout = models.CharField(max_length=40)
    file_name = models.CharField(max_length=120)
    file_digest = models.CharField(max_length=80, unique=True, db_collation="C")
    received_by = models.CharField(max_length=100)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="applying")
    rows = models.IntegerField(default=0)
    warnings = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    grants = models.JSONField(null=True, blank=True)
    refusal = models.JSONField(null=True, blank=True)

    class Meta:
        abstract = True


class Outcome(BankAnswer):
    """What the bank says has become of payments."""

    not_used = REFUSED

    class Meta:
        constraints = [fields.one_of("state", OUTCOME_STATES, "outcome_state")]
        indexes = [models.Index(fields=["-received_at"], name="outcome_newest")]

    def __str__(self) -> str:
        return f"outcome:{self.uid}"


class Instruction(models.Model):
    """One time that the bank is asked to pay a payment. reference: ours, by which the bank answers; a payment has one that is open or paid.

    told_on: the day the bank names, or on which its file came. outcome, line: the row that said so.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="instructions")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="instructions")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="instructions")
    sequence = models.IntegerField()
    reference = models.CharField(max_length=20, unique=True, db_collation="C")
    amount_fen = models.BigIntegerField()
    tail = models.CharField(max_length=4)
    state = models.CharField(max_length=10, default="open")
    code = models.CharField(max_length=40, default="", blank=True)
    told_on = models.DateField(null=True, blank=True)
    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False)
    line = models.IntegerField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("state", INSTRUCTION_STATES, "instruction_state"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="instruction_amount"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "dropped"]) | Q(outcome__isnull=False), name="instruction_as_the_bank_said"
            ),
            models.UniqueConstraint(fields=["payment"], condition=Q(state__in=["open", "paid"]), name="instruction_one_at_a_time"),
            models.UniqueConstraint(fields=["order", "sequence"], name="instruction_sequence"),
        ]

    def __str__(self) -> str:
        return self.reference


class OutcomeRow(models.Model):
    """One row of the bank's file, with what became of it. verdict: "" until it is dealt with; reference and code as they stand there."""

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="lines", db_index=False)
    line = models.IntegerField()
    reference = models.CharField(max_length=40, blank=True, db_collation="C")
    amount_fen = models.BigIntegerField(null=True, blank=True)
    tail = models.CharField(max_length=4, blank=True)
    code = models.CharField(max_length=40, blank=True)
    told_on = models.DateField(null=True, blank=True)
    verdict = models.CharField(max_length=16, default="", blank=True)
    found = models.CharField(max_length=80, default="", blank=True)

    class Meta:
        constraints = [
            fields.one_of("verdict", VERDICTS, "outcome_row_verdict"),
            models.UniqueConstraint(fields=["outcome", "line"], name="outcome_row_once"),
        ]
        indexes = [
            models.Index(fields=["outcome", "line"], name="outcome_row_waiting", condition=Q(verdict="")),
            models.Index(fields=["reference"], name="outcome_row_reference"),
        ]


class BankWord(models.Model):
    """What an officer enters from a bank's paper that no file says, or against one: it counts once another officer has confirmed it.

    kind: back (so much came back for the recovery of `case`), paid (the instruction was paid though the bank had said that it failed),
    surplus (the bank returned what the person had paid back before). reference: the bank's own, of its receipt or its written answer.
    on: the day it names. outcome, line: the row of an answer that it is about. goes_to: whose a surplus is; "fund" where it is the very
    money that was entered as paid back. ended_by: who confirmed or dropped it.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    kind = models.CharField(max_length=8)
    person = models.UUIDField()
    case = models.UUIDField(null=True, blank=True)
    instruction = models.ForeignKey(Instruction, on_delete=models.PROTECT, related_name="words", null=True, blank=True)
    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False)
    line = models.IntegerField(null=True, blank=True)
    goes_to = models.CharField(max_length=6, default="", blank=True)
    fen = models.BigIntegerField()
    on = models.DateField()
    reference = models.CharField(max_length=60, db_collation="C")
    state = models.CharField(max_length=10, default="waiting")
    entered_by = models.CharField(max_length=100)
    entered_at = models.DateTimeField()
    ended_by = models.CharField(max_length=100, default="", blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("kind", WORDS_OF_BANK, "bank_word_kind"),
            fields.one_of("state", WORD_STATES, "bank_word_state"),
            fields.one_of("goes_to", GOES_TO, "bank_word_goes_to"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="bank_word_fen"),
            models.CheckConstraint(
                condition=Q(kind="back", case__isnull=False, instruction__isnull=True)
                | (~Q(kind="back") & Q(case__isnull=True, instruction__isnull=False, line__isnull=False)),
                name="bank_word_about",
            ),
            models.CheckConstraint(condition=Q(kind="surplus") ^ Q(goes_to=""), name="bank_word_whose"),
            models.CheckConstraint(condition=Q(state="waiting") ^ (Q(ended_at__isnull=False) & ~Q(ended_by="")), name="bank_word_ended"),
            models.CheckConstraint(condition=~Q(state="confirmed") | ~Q(ended_by=F("entered_by")), name="bank_word_two_people"),
            models.UniqueConstraint(
                fields=["case", "reference"], condition=Q(case__isnull=False) & ~Q(state="dropped"), name="bank_word_once_a_case"
            ),
            models.UniqueConstraint(
                fields=["instruction", "kind"],
                condition=Q(instruction__isnull=False) & ~Q(state="dropped"),
                name="bank_word_once_an_instruction",
            ),
        ]
        indexes = [models.Index(fields=["reference"], name="bank_word_reference")]

    def __str__(self) -> str:
        return f"bank_word:{self.uid}"


class FundPromise(models.Model):
    """More money promised to a fund by a document: it counts, as a source of its own, once another officer has confirmed it.

    fund: its slug; source: who promises, in the office's words; document: its number, once for a fund. ended_by: who confirmed or dropped.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    fund = models.CharField(max_length=120, db_collation="C")
    source = models.CharField(max_length=60)
    fen = models.BigIntegerField()
    document = models.CharField(max_length=60)
    state = models.CharField(max_length=10, default="waiting")
    entered_by = models.CharField(max_length=100)
    entered_at = models.DateTimeField()
    ended_by = models.CharField(max_length=100, default="", blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            fields.one_of("state", WORD_STATES, "fund_promise_state"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="fund_promise_fen"),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(ended_by__in=["", F("entered_by")]), name="fund_promise_two_people"
            ),
            models.UniqueConstraint(fields=["fund", "document"], condition=~Q(state="dropped"), name="fund_promise_once"),
        ]

    def __str__(self) -> str:
        return f"fund_promise:{self.uid}"


class Inquiry(models.Model):
    """A file that asks a bank whether accounts exist, stand, and bear these names, before anything is paid to them. As Order but for money.

    layout_digest: of the layout as it was; file_digest: of the file. settled: the bank has answered for every account.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    number = models.CharField(max_length=16, unique=True, db_collation="C")
    batch = models.UUIDField()
    programme = models.CharField(max_length=80)
    layout = models.CharField(max_length=40)
    layout_digest = models.CharField(max_length=80)
    state = models.CharField(max_length=12)
    count = models.IntegerField(default=0)
    file_digest = models.CharField(max_length=80, default="", blank=True)
    made_by = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    handed_over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [fields.one_of("state", INQUIRY_STATES, "inquiry_state")]
        indexes = [models.Index(fields=["batch", "id"], name="inquiry_of_batch")]

    def __str__(self) -> str:
        return self.number


class AccountAnswer(BankAnswer):
    """What a bank says of accounts."""

    not_used = CHECK_REFUSED

    class Meta:
        constraints = [fields.one_of("state", OUTCOME_STATES, "account_answer_state")]

    def __str__(self) -> str:
        return f"account_answer:{self.uid}"


class Question(models.Model):
    """One account that a bank is asked about. reference: ours, by which the bank answers; answer, line: the row that said so."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="questions")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="questions")
    sequence = models.IntegerField()
    reference = models.CharField(max_length=20, unique=True, db_collation="C")
    tail = models.CharField(max_length=4)
    state = models.CharField(max_length=10, default="open")
    code = models.CharField(max_length=40, default="", blank=True)
    answer = models.ForeignKey(AccountAnswer, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False)
    line = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            fields.one_of("state", QUESTION_STATES, "question_state"),
            models.CheckConstraint(condition=Q(state__in=["open", "dropped"]) | Q(answer__isnull=False), name="question_as_the_bank_said"),
            models.UniqueConstraint(fields=["account"], condition=Q(state="open"), name="question_one_at_a_time"),
            models.UniqueConstraint(fields=["inquiry", "sequence"], name="question_sequence"),
        ]

    def __str__(self) -> str:
        return self.reference


class AccountAnswerRow(models.Model):
    """One row of a bank's answer for accounts, with what became of it. verdict: "" until it is dealt with."""

    answer = models.ForeignKey(AccountAnswer, on_delete=models.PROTECT, related_name="lines", db_index=False)
    line = models.IntegerField()
    reference = models.CharField(max_length=40, blank=True, db_collation="C")
    tail = models.CharField(max_length=4, blank=True)
    code = models.CharField(max_length=40, blank=True)
    verdict = models.CharField(max_length=16, default="", blank=True)
    found = models.CharField(max_length=80, default="", blank=True)

    class Meta:
        constraints = [
            fields.one_of("verdict", CHECK_VERDICTS, "account_answer_row_verdict"),
            models.UniqueConstraint(fields=["answer", "line"], name="account_answer_row_once"),
        ]
        indexes = [
            models.Index(fields=["answer", "line"], name="account_answer_row_waiting", condition=Q(verdict="")),
            models.Index(fields=["reference"], name="account_answer_row_reference"),
        ]
