"""Tables of circles: networks in use, circles and stars, homes, coverage as last computed, gaps, plans, what residents report."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7
from linli.kernel.positions import SYSTEMS
from linli.registers.models import fields

GAP_STATES = ("open", "unknown", "met", "ended")
PLAN_STATES = ("draft", "adopted")
ACTION_STATES = ("proposed", "open", "closed", "dropped")
BUS_STATES = ("reached", "not_reached", "unlocated", "no_seat")
REPORT_KINDS = ("closed", "new", "wrong", "again")
REPORT_STATES = ("waiting", "passed", "confirmed", "dismissed")
REPORT_OPEN = ("waiting", "passed")


class NetworkVersion(models.Model):
    """A walking network that was taken into use; the newest is the one that counts. Its file lies in the state folder under its digest.

    source, licence, system, edition: as reach.graph.Origin says them; notes: how many of what was mended or doubtful in it.
    """

    digest = models.CharField(max_length=120, unique=True)
    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=300)
    system = models.CharField(max_length=8)
    edition = models.CharField(max_length=60, default="", blank=True)
    nodes = models.IntegerField()
    links = models.IntegerField()
    gates = models.IntegerField()
    notes = models.JSONField(default=dict)
    generated = models.BooleanField(default=False)
    since = models.DateTimeField()
    taken_by = models.CharField(max_length=100)

    class Meta:
        constraints = [fields.one_of("system", SYSTEMS, "network_system")]

    def __str__(self) -> str:
        return f"network:{self.digest}"


class Circle(models.Model):
    """A living circle: bounded by a polygon, or grown from a centre by so many minutes on foot of a profile.

    polygon: a GeoJSON Polygon or MultiPolygon in WGS-84; else lon, lat, minutes and profile. communities: 12-digit codes of those that it
    is said to hold; none: those whose people live in it. kind, tier: as the city's kinds.yaml says. area_code: the township or street.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=200)
    kind = models.CharField(max_length=30)
    tier = models.CharField(max_length=30, default="", blank=True)
    area_code = fields.area_code()
    polygon = models.JSONField(null=True, blank=True)
    lon = models.DecimalField(max_digits=10, decimal_places=7, null=True, blank=True)
    lat = models.DecimalField(max_digits=10, decimal_places=7, null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    profile = models.CharField(max_length=12, default="", blank=True)
    communities = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    generated = models.BooleanField(default=False)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(polygon__isnull=False, lon__isnull=True, lat__isnull=True, minutes__isnull=True, profile="")
                | Q(polygon__isnull=True, lon__isnull=False, lat__isnull=False, minutes__gte=1),
                name="circle_bounds",
            ),
            models.CheckConstraint(condition=Q(area_code__regex=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$"), name="circle_area"),
        ]

    def __str__(self) -> str:
        return f"circle:{self.uid}"


class Star(models.Model):
    """A rating that a circle was given: how many stars, by whom, on which day, by which document."""

    circle = models.ForeignKey(Circle, on_delete=models.PROTECT, related_name="stars")
    stars = models.PositiveSmallIntegerField(null=True, blank=True)
    level = models.CharField(max_length=10)
    given_on = models.DateField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            fields.one_of("level", ("province", "city"), "star_level"),
            models.CheckConstraint(condition=Q(stars__isnull=True) | Q(stars__gte=1, stars__lte=5), name="star_number"),
            models.UniqueConstraint(fields=["circle", "level", "given_on"], name="star_once"),
        ]


class HomeCount(models.Model):
    """When homes were last read from the registers, for which day and by which definitions. nowhere: residents whose home no register
    says; age_unknown: those of whom no birthday is known, who are in no group by age."""

    as_of = models.DateField()
    made_at = models.DateTimeField()
    groups = models.JSONField()
    digest = models.CharField(max_length=120)
    residents = models.IntegerField()
    nowhere = models.IntegerField()
    age_unknown = models.IntegerField()


class Home(models.Model):
    """How many people live at one address of the registers, and how many of each group. A read model: nobody is named.

    code: a building or village group, or the community, township … where no more is known. lon, lat: of the building or group itself,
    null where it has no position: a community's centre is nobody's home.
    """

    code = fields.area_code(unique=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    residents = models.IntegerField()
    elders = models.IntegerField()
    children = models.IntegerField()
    infants = models.IntegerField()
    wheelchair = models.IntegerField()


class Coverage(models.Model):
    """One computation for all circles. day: of the places and norms; homes_as_of: of the people. standard: digest of norms and groups;
    moments: what each moment that is asked for ("workday 07:30") was; communities: by circle, those that it holds; figures: digest of all
    its figures, the same for the same input.

    homes, unlocated_homes, unsnapped_homes: of the counties in which circles or located homes lie, for of others no network says anything.
    incremental: brought up to date from the one before by the places that changed, with the same figures as a whole computation.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    network = models.ForeignKey(NetworkVersion, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    homes_as_of = models.DateField()
    standard = models.CharField(max_length=120)
    moments = models.JSONField()
    figures = models.CharField(max_length=120)
    incremental = models.BooleanField(default=False)
    homes = models.IntegerField()
    unlocated_homes = models.IntegerField()
    unsnapped_homes = models.IntegerField()
    places = models.IntegerField()
    unsnapped_places = models.IntegerField()
    unknown_hours = models.IntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=100)
    milliseconds = models.IntegerField()
    communities = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"coverage:{self.uid}"


class Unplaced(models.Model):
    """A home or a place that could not be put on the network in a computation, and why: no_position, or reach.snapping's reason."""

    run = models.ForeignKey(Coverage, on_delete=models.CASCADE, related_name="unplaced")
    what = models.CharField(max_length=5)
    code = models.CharField(max_length=40)
    why = models.CharField(max_length=20)
    residents = models.IntegerField(default=0)


class Figure(models.Model):
    """What one computation found of a norm for one way of walking, in a circle, a community or a county.

    people: by group [covered, uncovered, of the uncovered those who can't be located]; the first two make the register's total.
    limit: decimetres. found: places that anybody there reaches in time. median, most: decimetres to the nearest for half of the located
    residents and for the farthest of them, null where they don't reach any; it is looked for up to `looked` decimetres.
    """

    run = models.ForeignKey(Coverage, on_delete=models.CASCADE, related_name="+")
    circle = models.ForeignKey(Circle, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    area_code = fields.area_code(default="", blank=True)
    norm = models.CharField(max_length=60)
    profile = models.CharField(max_length=12)
    limit = models.IntegerField()
    looked = models.IntegerField()
    people = models.JSONField()
    found = models.IntegerField()
    median = models.IntegerField(null=True, blank=True)
    most = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "circle", "area_code", "norm", "profile"], nulls_distinct=False, name="figure_once"),
            models.CheckConstraint(condition=Q(circle__isnull=True) | Q(area_code=""), name="figure_of_one"),
        ]


class Gap(models.Model):
    """How a circle stands with one norm, as last computed. open: too few reach it even if everybody who can't be located did; unknown:
    it depends on those; met; ended: no longer asked of it. covered + uncovered is the group's total, unlocated among the uncovered.

    since: when this state began. minutes: of half of the group, null where they reach none.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    circle = models.ForeignKey(Circle, on_delete=models.PROTECT, related_name="gaps")
    norm = models.CharField(max_length=60)
    run = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="+")
    standard = models.CharField(max_length=120)
    state = models.CharField(max_length=8)
    since = models.DateTimeField()
    mandatory = models.BooleanField()
    group = models.CharField(max_length=12)
    profile = models.CharField(max_length=12)
    percent = models.PositiveSmallIntegerField()
    found = models.IntegerField()
    minutes = models.IntegerField(null=True, blank=True)
    most_minutes = models.IntegerField(null=True, blank=True)
    covered = models.IntegerField()
    uncovered = models.IntegerField()
    unlocated = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["circle", "norm"], name="gap_of_circle_once"),
            fields.one_of("state", GAP_STATES, "gap_state"),
        ]

    def __str__(self) -> str:
        return f"gap:{self.uid}"


class Plan(models.Model):
    """The one plan of a circle (一图一策): drafted from its gaps, adopted, and followed until they have closed."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    circle = models.OneToOneField(Circle, on_delete=models.PROTECT, related_name="plan")
    state = models.CharField(max_length=8)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=100)
    adopted_at = models.DateTimeField(null=True, blank=True)
    adopted_by = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        constraints = [
            fields.one_of("state", PLAN_STATES, "plan_state"),
            models.CheckConstraint(condition=Q(state="draft") | Q(adopted_at__isnull=False), name="plan_adopted"),
        ]

    def __str__(self) -> str:
        return f"plan:{self.uid}"


class Action(models.Model):
    """What a plan does about a gap. trigger: the measure that set it going, as it was then. done_on: its owner says it was carried out.

    Closed by a computation alone, in which the gap is met (sql/guards.sql), and open again when the gap is: reopened counts that.
    rung: to how many levels it was taken since it became overdue.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="actions")
    gap = models.ForeignKey(Gap, on_delete=models.PROTECT, related_name="actions")
    trigger = models.JSONField()
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=300)
    owner = models.CharField(max_length=100, default="", blank=True)
    due_on = models.DateField(null=True, blank=True)
    budget_fen = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8)
    done_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    rung = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            fields.one_of("state", ACTION_STATES, "action_state"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_by__isnull=False, closed_at__isnull=False) | ~Q(state="closed"), name="action_closed"
            ),
            models.CheckConstraint(condition=Q(budget_fen__isnull=True) | Q(budget_fen__gte=0), name="action_budget"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "dropped"]) | (~Q(owner="") & Q(due_on__isnull=False, budget_fen__isnull=False)),
                name="action_complete",
            ),
            models.UniqueConstraint(fields=["gap"], condition=Q(state__in=["proposed", "open"]), name="action_one_standing"),
        ]
        indexes = [models.Index(fields=["due_on"], name="action_due", condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"action:{self.uid}"


class IssuedPlan(models.Model):
    """A plan as it was printed and sent out, or the booklet of all (circle null): its PDF by its digest, never changed (sql/guards.sql).

    mark, year, sequence: its number, without gaps in a year. code: printed on it, by which anybody verifies it; null on those of before.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    circle = models.ForeignKey(Circle, on_delete=models.PROTECT, related_name="issued", null=True, blank=True)
    run = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(max_length=20, db_collation="C")
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    code = models.CharField(max_length=12, null=True, blank=True)  # one of 29^11 drawn at random, of few rows: without an index
    circles = ArrayField(models.CharField(max_length=40))
    digest = models.CharField(max_length=120)
    pdf = models.BinaryField()
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mark", "year", "sequence"], name="issued_plan_number_once")]

    def __str__(self) -> str:
        return f"issued_plan:{self.uid}"


class BusFeed(models.Model):
    """A bus timetable (GTFS) that was taken into use; the newest is the one that counts. Its file lies with the networks."""

    digest = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=300)
    lines = models.IntegerField()
    trips = models.IntegerField()
    stops = models.IntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    generated = models.BooleanField(default=False)
    since = models.DateTimeField()
    taken_by = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"bus_feed:{self.digest}"


class BusRun(models.Model):
    """One computation of how long every village has to its county seat by bus. day, begin, end: when people set out (minutes of the day).
    network: whose ways people walk; null: straight lines alone."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    feed = models.ForeignKey(BusFeed, on_delete=models.PROTECT, related_name="+")
    network = models.ForeignKey(NetworkVersion, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    day = models.DateField()
    begin = models.PositiveSmallIntegerField()
    end = models.PositiveSmallIntegerField()
    reached = models.IntegerField()
    not_reached = models.IntegerField()
    unlocated = models.IntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"bus_run:{self.uid}"


class BusTime(models.Model):
    """What one computation found for a village: seconds to its county seat and their parts, null where it isn't reached; way: the rides in
    words. straight: walked in straight lines made longer, since it is off the network. no_seat: nobody has said where its seat is."""

    run = models.ForeignKey(BusRun, on_delete=models.CASCADE, related_name="times")
    area_code = fields.area_code()
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=11)
    seconds = models.IntegerField(null=True, blank=True)
    walk = models.IntegerField(null=True, blank=True)
    wait = models.IntegerField(null=True, blank=True)
    ride = models.IntegerField(null=True, blank=True)
    way = models.CharField(max_length=20_000, default="", blank=True)
    straight = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "area_code"], name="bus_time_once"),
            fields.one_of("state", BUS_STATES, "bus_time_state"),
            models.CheckConstraint(condition=Q(state="reached", seconds__isnull=False) | ~Q(state="reached"), name="bus_time_reached"),
        ]


class PlaceReport(models.Model):
    """What somebody says of a place: it has closed, there is a new one, something of it is wrong, or one that had closed is open again. A
    grid worker looks and confirms.

    place: uid of the registers' place, null for a new one; category, name, lon, lat: of a new one. area_code: the community in which it
    lies. times: how often the same was said while it waits. passed: somebody looked and found it so, and an officer has yet to put right
    what is wrong. answered_by: who looked or put it right; note: what they found.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    kind = models.CharField(max_length=6)
    place = models.UUIDField(null=True, blank=True)
    category = models.CharField(max_length=40, default="", blank=True)
    name = models.CharField(max_length=100, default="", blank=True)
    words = models.CharField(max_length=500, default="", blank=True)
    area_code = fields.area_code()
    lon = models.DecimalField(max_digits=10, decimal_places=7)
    lat = models.DecimalField(max_digits=10, decimal_places=7)
    state = models.CharField(max_length=9)
    times = models.PositiveIntegerField(default=1)
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=100)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=100, default="", blank=True)
    note = models.CharField(max_length=200, default="", blank=True)
    salt = fields.salt()

    class Meta:
        constraints = [
            fields.one_of("kind", REPORT_KINDS, "report_kind"),
            fields.one_of("state", REPORT_STATES, "report_state"),
            models.CheckConstraint(condition=Q(kind="new") | Q(place__isnull=False), name="report_of_place"),
            models.CheckConstraint(condition=~Q(kind="new") | ~Q(category=""), name="report_of_new"),
            models.CheckConstraint(condition=Q(answered_at__isnull=True) | Q(answered_at__gte=F("said_at")), name="report_answered"),
            models.UniqueConstraint(
                fields=["place", "kind"], condition=Q(state="waiting", place__isnull=False), name="report_waiting_once"
            ),
        ]
        indexes = [models.Index(fields=["state", "area_code", "id"], name="report_of_area")]

    def __str__(self) -> str:
        return f"place_report:{self.uid}"


class ReportVoice(models.Model):
    """One more who says the same of a place while its report is open, in words of their own; or further words of somebody who has."""

    report = models.ForeignKey(PlaceReport, on_delete=models.PROTECT, related_name="voices")
    words = models.CharField(max_length=500, default="", blank=True)
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=100)
    salt = fields.salt()

    class Meta:
        indexes = [models.Index(fields=["said_by", "said_at"], name="report_voice_by")]

    def __str__(self) -> str:
        return f"report_voice:{self.pk}"
