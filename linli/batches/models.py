"""Tables of batches. Nothing in them names a person but the lines of a public notice, which are deleted when it comes down."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.agreements.models import KINDS, PAYEES, Award
from linli.casework.models import Case
from linli.kernel.ids import uuid7
from linli.registers.models import fields

STATES = ("gathering", "frozen", "checking", "notice", "approved", "paying", "closed", "dissolved")
CLOSED = ("closed", "dissolved")
ITEM_STATES = ("listed", "removed", "paid", "failed")
REMOVALS = ("", "mistake", "twice", "excluded", "died", "erased", "finding", "objection", "award_ended", "no_account", "dissolved")
DRAW_STATES = ("committing", "frozen", "drawn", "void")
OUTCOME_STATES = ("waiting", "confirmed", "dropped")
CHECK_KINDS = ("every", "key", "random", "cross")
RESULTS = ("", "passed", "finding")
SETTLEMENTS = ("", "cleared", "upheld")
NOTICE_STATES = ("up", "ended", "withdrawn")
LEFT_OUT = ("no_amount", "no_slip", "unknown", "no_day", "died", "finding")


PERIOD = r"^(once|[0-9]{4}(-(0[1-9]|1[0-2]|Q[1-4]|[12]))?)$"
"""Every period in its one way of being written, in plain digits: what is paid once in it is found by this text."""


class Batch(models.Model):
    """Awards of one programme and period in one area ("" is the whole city), checked and paid together.

    period: once, 2026, 2026-Q4, 2026-11 or 2026-1. given: figures that the programme leaves open, as whoever opened it was asked for them:
    name -> {value, document}. declared, declared_fen: what a county handed in of the list (declared.py) and its total. count, total_fen: of
    the listed items, set when the list is frozen and anew when one is taken off; what is approved and paid is exactly that.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    programme = models.CharField(max_length=80)
    programme_version = models.CharField(max_length=30)
    period = models.CharField(max_length=10)
    area_code = fields.area_code(default="", blank=True)
    state = models.CharField(max_length=10, default="gathering")
    given = models.JSONField(default=dict)
    declared = models.JSONField(null=True, blank=True)
    declared_fen = models.BigIntegerField(null=True, blank=True)
    count = models.IntegerField(null=True, blank=True)
    total_fen = models.BigIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=100)
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_by = models.CharField(max_length=100, default="", blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=100, default="", blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            fields.one_of("state", STATES, "batch_state"),
            models.CheckConstraint(condition=Q(period__regex=PERIOD), name="batch_period"),
            models.CheckConstraint(
                condition=Q(state__in=("gathering", "dissolved")) | Q(frozen_at__isnull=False, count__gte=0, total_fen__gte=0),
                name="batch_frozen_with_total",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "paying")) | (Q(approved_at__isnull=False) & ~Q(approved_by="")),
                name="batch_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(approved_by="") | (~Q(approved_by=F("frozen_by")) & ~Q(approved_by=F("opened_by"))),
                name="batch_maker_is_not_checker",
            ),
        ]
        indexes = [models.Index(fields=["programme", "-id"], name="batch_of_programme")]

    def __str__(self) -> str:
        return f"batch:{self.uid}"


class Item(models.Model):
    """One award in a batch, as it was when it was listed: nothing of it changes afterwards but how it ends.

    level_fen: what the award is; amount_fen: what is paid of it. reckoning: of one that is reckoned by the day, how (due.py says its keys);
    its level is its amount. looked_at: when a paid one was last reckoned anew. came_back_at: when the bank returned what it had paid, null
    again once it is paid; repaid_at: since when it is. area_code: the place whose county pays, county its
    first six digits. household: of living together, as the list was made. fund, hold: the ledger's slug and what it holds for this item,
    set at approval. reason: why it was taken off.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="items")
    programme = models.CharField(max_length=80)
    period = models.CharField(max_length=10)
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="+")
    person = models.UUIDField()
    beneficiary_kind = models.CharField(max_length=12)
    beneficiary = models.UUIDField()
    household = models.UUIDField(null=True, blank=True)
    area_code = fields.area_code(blank=True)
    county = fields.area_code(blank=True)
    category = models.CharField(max_length=60, default="", blank=True)
    level_fen = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    payee = models.CharField(max_length=10)
    payee_uid = models.UUIDField(null=True, blank=True)
    minor = models.BooleanField(default=False)
    fund = models.CharField(max_length=120, default="", blank=True)
    hold = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=8, default="listed")
    reason = models.CharField(max_length=12, default="", blank=True)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reckoning = models.JSONField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    came_back_at = models.DateTimeField(null=True, blank=True)
    repaid_at = models.DateTimeField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("state", ITEM_STATES, "item_state"),
            fields.one_of("reason", REMOVALS, "item_reason"),
            fields.one_of("beneficiary_kind", KINDS, "item_beneficiary_kind"),
            fields.one_of("payee", PAYEES, "item_payee"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0, level_fen__gt=0, amount_fen__lte=F("level_fen")), name="item_amount"),
            models.CheckConstraint(
                condition=Q(state="listed", ended_at__isnull=True) | (~Q(state="listed") & Q(ended_at__isnull=False)), name="item_ended"
            ),
            models.UniqueConstraint(fields=["award"], condition=Q(state="listed"), name="item_in_one_open_batch"),
            models.UniqueConstraint(fields=["award", "period"], condition=Q(state__in=["listed", "paid"]), name="item_once_a_period"),
        ]
        indexes = [
            models.Index(fields=["batch", "id"], name="item_of_batch"),
            models.Index(fields=["programme", "period", "person"], name="item_of_person"),
            models.Index(fields=["programme", "period", "household"], name="item_of_household", condition=Q(household__isnull=False)),
            models.Index(fields=["batch"], name="item_came_back", condition=Q(came_back_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"item:{self.uid}"


class Changed(models.Model):
    """A transaction, by its number, that changed what the counts of a programme's batches are taken from; "" for any programme.

    Written by triggers alone (sql/changed.sql), read by kept.py.
    """

    programme = models.CharField(max_length=80, blank=True)
    xid = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "xid"], name="changed_once")]

    def __str__(self) -> str:
        return f"{self.programme} {self.xid}"


class LeftOut(models.Model):
    """An award that was due and did not come onto a batch's list, and why: of the latest gathering. facts: what is not known of it."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="left_out")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10)
    facts = models.JSONField(default=list)

    class Meta:
        constraints = [
            fields.one_of("reason", LEFT_OUT, "left_out_reason"),
            models.UniqueConstraint(fields=["batch", "award"], name="left_out_once"),
        ]


class Excluded(models.Model):
    """A listed item that the rule definitely speaks against, of the latest look at its list (exclusions.py). conditions: ids of those that
    fail; version, day: of the programme that was asked, and as of which day."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="excluded")
    conditions = models.JSONField(default=list)
    version = models.CharField(max_length=30)
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.item}: {', '.join(self.conditions)}"


class Difference(models.Model):
    """A paid item that comes to something else by what became known afterwards. fen: what is still owed, or below 0 what was overpaid.

    own_fen: what its period comes to now; reckoning: how. listed_in: the item of a later batch that pays what is owed. case: of the
    recovery of what was overpaid. dropped_at: replaced by a later look before anything was paid of it.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="differences")
    fen = models.BigIntegerField()
    own_fen = models.BigIntegerField()
    reckoning = models.JSONField()
    found_at = models.DateTimeField()
    listed_in = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="earlier", null=True, blank=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(fen=0) & Q(own_fen__gte=0), name="difference_is_one"),
            models.CheckConstraint(condition=Q(listed_in__isnull=True) | Q(fen__gt=0), name="difference_paid_if_owed"),
            models.CheckConstraint(condition=Q(case__isnull=True) | Q(fen__lt=0), name="difference_recovered_if_overpaid"),
        ]

    def __str__(self) -> str:
        return f"difference:{self.uid}"

    @property
    def owed_back(self) -> int:
        """What was overpaid, in fen; 0 where something is still owed."""
        return max(0, -self.fen)


class Draw(models.Model):
    """A public draw over a batch's list (docs/draws.md). code: its name in the file; document: the file as it is published, "" before the
    list is frozen; digest: the one published then. public_draw: a later public draw that stands for a secret. reason: why it is void."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="draws")
    code = models.CharField(max_length=64, unique=True, db_collation="C")
    state = models.CharField(max_length=10, default="committing")
    public_draw = models.JSONField(null=True, blank=True)
    reveal_by = models.DateTimeField()
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, related_name="replaced_by", null=True, blank=True)
    reason = models.CharField(max_length=200, default="", blank=True)
    opened_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=80, default="", blank=True)
    document = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            fields.one_of("state", DRAW_STATES, "draw_state"),
            models.UniqueConstraint(fields=["batch"], condition=~Q(state="void"), name="draw_one_of_batch"),
            models.CheckConstraint(condition=Q(state__in=("committing", "void")) | ~Q(document=""), name="draw_with_document"),
        ]

    def __str__(self) -> str:
        return f"draw:{self.uid}"


class Secret(models.Model):
    """A department's secret in a draw: its commitment, then what it revealed, in hexadecimal. Each is published by another person."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="secrets")
    department = models.CharField(max_length=64, db_collation="C")
    commitment_salt = models.CharField(max_length=128)
    length = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=80)
    committed_at = models.DateTimeField()
    committed_by = models.CharField(max_length=100)
    secret = models.CharField(max_length=256, default="", blank=True)
    revealed_at = models.DateTimeField(null=True, blank=True)
    revealed_by = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "department"], name="secret_of_department_once"),
            models.UniqueConstraint(fields=["draw", "committed_by"], name="secret_of_person_once"),
            models.CheckConstraint(condition=Q(secret="", revealed_at__isnull=True) | Q(revealed_at__isnull=False), name="secret_revealed"),
        ]


class PublicOutcome(models.Model):
    """What a public draw brought, as one officer entered it with its source; once another has compared it, the draw is made with it.

    numbers: one list a group, as in the draw's file; source: where it is published, for everybody to compare. ended_by: who confirmed or
    dropped it.
    """

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="outcomes")
    numbers = models.JSONField()
    source = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default="waiting")
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=100)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        constraints = [
            fields.one_of("state", OUTCOME_STATES, "public_outcome_state"),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(ended_by__in=["", F("entered_by")]), name="public_outcome_two_people"
            ),
            models.UniqueConstraint(fields=["draw"], condition=~Q(state="dropped"), name="public_outcome_one"),
        ]


class Check(models.Model):
    """One look at one item: of every file, by condition, by chance, or by another county. desk_code: the office that does it.

    conditions: codes that drew it. cipher: what was found, under the person's key. settled: of a finding, by whom else and how: cleared, or
    upheld, with the item taken off the list.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="checks")
    kind = models.CharField(max_length=8)
    conditions = models.JSONField(default=list)
    subject = models.UUIDField()
    desk_code = fields.area_code(blank=True)
    result = models.CharField(max_length=8, default="", blank=True)
    cipher = models.TextField(default="", blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=100, default="", blank=True)
    settled = models.CharField(max_length=8, default="", blank=True)
    settled_cipher = models.TextField(default="", blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=100, default="", blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("kind", CHECK_KINDS, "check_kind"),
            fields.one_of("result", RESULTS, "check_result"),
            fields.one_of("settled", SETTLEMENTS, "check_settled"),
            models.UniqueConstraint(fields=["item", "kind"], name="check_once"),
            models.CheckConstraint(
                condition=Q(settled="") | (Q(result="finding") & ~Q(settled_by=F("done_by"))), name="check_settled_by_another"
            ),
        ]
        indexes = [models.Index(fields=["desk_code", "id"], name="check_waiting", condition=Q(result=""))]


class Announcement(models.Model):
    """A public notice (公示) of a batch, from starts_on to ends_on, both included. columns: what it shows; digest: of what hung.

    supervision: the number to call; objections_to: the office that takes them. masked: names with a character left out. count: of all
    lines; minors are on the poster alone. Of cases that are not paid, and so on no batch: batch null, area_code ("" the whole city) and
    programme_version say whose; given: the figures that the programme leaves open, as a batch has them.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="announcements", null=True, blank=True)
    area_code = fields.area_code(null=True, blank=True)
    programme_version = models.CharField(max_length=30, null=True, blank=True)
    given = models.JSONField(null=True, blank=True)
    state = models.CharField(max_length=10, default="up")
    programme = models.CharField(max_length=80)
    columns = models.JSONField(default=list)
    online = models.BooleanField(default=True)
    masked = models.BooleanField(default=False, db_default=False)
    days = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=8)
    starts_on = models.DateField()
    ends_on = models.DateField()
    supervision = models.CharField(max_length=40)
    objections_to = models.CharField(max_length=200)
    count = models.IntegerField()
    digest = models.CharField(max_length=80)
    put_up_at = models.DateTimeField()
    put_up_by = models.CharField(max_length=100)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            fields.one_of("state", NOTICE_STATES, "announcement_state"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="announcement_days"),
            models.UniqueConstraint(fields=["batch"], condition=Q(state="up"), name="announcement_one_up"),
            models.CheckConstraint(
                condition=Q(batch__isnull=False, area_code__isnull=True, programme_version__isnull=True)
                | Q(batch__isnull=True, area_code__isnull=False, programme_version__isnull=False),
                name="announcement_of_batch_or_cases",
            ),
        ]
        indexes = [models.Index(fields=["ends_on"], name="announcement_up", condition=Q(state="up"))]

    def __str__(self) -> str:
        return f"announcement:{self.uid}"


class AnnouncedCase(models.Model):
    """A case that a notice without a batch shows. number: that it bears on the poster. off_at: since when it is shown no more, because an
    objection was right."""

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="cases")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["announcement", "number"], name="announced_case_number"),
            models.UniqueConstraint(fields=["announcement", "case"], name="announced_case_once"),
        ]


class AnnouncedLine(models.Model):
    """A line that everybody reads while the notice stands, and that is deleted with it. cells: the texts under the notice's columns.

    item: what it is about, or case, of a notice without a batch."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="lines")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False)
    position = models.PositiveIntegerField()
    area_code = fields.area_code(blank=True)
    cells = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["announcement", "position"], name="announced_line_once"),
            models.CheckConstraint(condition=Q(item__isnull=True) ^ Q(case__isnull=True), name="announced_line_about_one"),
        ]


class Posted(models.Model):
    """Where a poster hung, and the photo that shows it. digest: of the picture's file in the file store."""

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="posted")
    place = models.CharField(max_length=200)
    area_code = fields.area_code(default="", blank=True)
    hung_on = models.DateField()
    digest = models.CharField(max_length=120, default="", blank=True, db_collation="C")
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=100)


class Objection(models.Model):
    """Somebody's objection to a notice, and the case that deals with it. item: the line it is about; about: the case, of a notice without a
    batch; neither: the notice as a whole."""

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="objections")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="objections", null=True, blank=True)
    about = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["about"], name="objection_about", condition=Q(about__isnull=False))]
