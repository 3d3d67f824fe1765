"""Service windows (便民服务窗口): where somebody sits who takes things in, when, and for which items."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from linli.kernel.ids import uuid7
from linli.kernel.positions import SYSTEMS
from linli.registers.models.fields import area_code, one_of


class ServiceWindow(models.Model):
    """One window. The city's own number of it (code) is the key by which a list is read again.

    area_code: where it stands, and whose people it serves unless whole_city; its length says the level (county, township, village).
    lon, lat: WGS-84; given, system: the coordinates as their source states them. hours, dates: kernel.hours, in its Chinese words.
    items: programme slugs, none for every item. generated: made up for a demo. closed: no longer there.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=200)
    area_code = area_code()
    whole_city = models.BooleanField(default=True)
    lon = models.DecimalField(max_digits=10, decimal_places=7)
    lat = models.DecimalField(max_digits=10, decimal_places=7)
    system = models.CharField(max_length=8)
    given = models.CharField(max_length=60)
    address = models.CharField(max_length=200)
    phone = models.CharField(max_length=30)
    hours = models.TextField()
    dates = models.TextField(default="", blank=True)
    items = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    generated = models.BooleanField(default=False)
    closed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            one_of("system", SYSTEMS, "window_system"),
            models.CheckConstraint(condition=Q(area_code__regex=r"^[0-9]{4}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?$"), name="window_area"),
        ]

    def __str__(self) -> str:
        return f"window:{self.uid}"
