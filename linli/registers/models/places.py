"""Places (场所): shops, stalls, stations of care, green spaces: where they are, what they do, since when and until when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7
from linli.kernel.positions import SYSTEMS
from linli.registers.models.fields import area_code, one_of

PLACE_KINDS = ("shop", "stall", "institution", "green", "terminal", "stop", "space")
PLACE_SOURCES = ("list", "officer", "report", "osm")


class Place(models.Model):
    """One place as it is now. The city's own key of it (code) is the key by which a list is read again.

    One shop that does several things is one place with several roles. area_code: where it lies, down to the village or community.
    lon, lat: WGS-84; given, system: the coordinates as their source states them. hours, dates: kernel.hours, in its Chinese words;
    "" where nobody has said. opened: its first day, None where not known; closed: the first day on which it's no longer there.
    osm: the element of OpenStreetMap that it comes from, such as node/123. source: who said so last. generated: made up for a demo.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=200, default="", blank=True)
    kind = models.CharField(max_length=12)
    area_code = area_code()
    lon = models.DecimalField(max_digits=10, decimal_places=7)
    lat = models.DecimalField(max_digits=10, decimal_places=7)
    system = models.CharField(max_length=8)
    given = models.CharField(max_length=60)
    address = models.CharField(max_length=200, default="", blank=True)
    phone = models.CharField(max_length=30, default="", blank=True)
    hours = models.TextField(default="", blank=True)
    dates = models.TextField(default="", blank=True)
    licence = models.CharField(max_length=60, default="", blank=True)
    opened = models.DateField(null=True, blank=True)
    closed = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=8)
    osm = models.CharField(max_length=30, default="", blank=True)
    generated = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of("system", SYSTEMS, "place_system"),
            one_of("kind", PLACE_KINDS, "place_kind"),
            one_of("source", PLACE_SOURCES, "place_source"),
            models.CheckConstraint(condition=Q(area_code__regex=r"^[0-9]{4}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?$"), name="place_area"),
            models.CheckConstraint(
                condition=Q(closed__isnull=True) | Q(opened__isnull=True) | Q(closed__gte=F("opened")), name="place_days"
            ),
            models.UniqueConstraint(fields=["osm"], condition=~Q(osm=""), name="place_osm_once"),
        ]

    def __str__(self) -> str:
        return f"place:{self.uid}"


class PlaceRole(models.Model):
    """What a place does, from since to until; None: as long as it has been there, and still. Half-open: on the day until no longer.

    category: a slug of the city's places.yaml. capacity: how many it takes, such as nursery places (托位); None where not known.
    What was open on a day are the roles that held on it: a place that closed ended all of its own.
    """

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="roles")
    category = models.CharField(max_length=40)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "category"], condition=Q(until__isnull=True), name="place_role_once"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(since__isnull=True) | Q(until__gte=F("since")), name="place_role_days"
            ),
        ]
        indexes = [models.Index(fields=["category"], name="place_role_category")]


class PlaceBefore(models.Model):
    """Where a place was and when it was open until a day, before it moved or changed its hours. The newest before a day is the day's."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="before")
    until = models.DateField()
    area_code = area_code()
    lon = models.DecimalField(max_digits=10, decimal_places=7)
    lat = models.DecimalField(max_digits=10, decimal_places=7)
    system = models.CharField(max_length=8)
    given = models.CharField(max_length=60)
    address = models.CharField(max_length=200, default="", blank=True)
    hours = models.TextField(default="", blank=True)
    dates = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "until"], name="place_before_once")]
