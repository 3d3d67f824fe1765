"""Where: divisions down to grid, group and building, what belongs to which grid since when, and addresses."""

from __future__ import annotations

from django.db import models

from linli.kernel.ids import uuid7
from linli.registers.models.fields import area_code, one_of, valid_range

AREA_LEVELS = ("province", "prefecture", "county", "township", "village", "grid", "group", "building")
AREA_KINDS = ("statutory", "functional_zone", "statistical", "special")


class Area(models.Model):
    """One version of a division. The key is (code, valid_from); versions of one code never overlap (sql/constraints.sql)."""

    code = area_code()
    name = models.CharField(max_length=100)
    level = models.CharField(max_length=12)
    kind = models.CharField(max_length=16, default="statutory")
    administering_code = area_code(default="", blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    successor_code = area_code(default="", blank=True)
    lon = models.DecimalField(max_digits=10, decimal_places=7, null=True, blank=True)
    lat = models.DecimalField(max_digits=10, decimal_places=7, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="area_version"),
            valid_range("area_valid_range"),
            one_of("level", AREA_LEVELS, "area_level"),
            one_of("kind", AREA_KINDS, "area_kind"),
        ]
        indexes = [models.Index(fields=["name"], name="area_name")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class BuildingGrid(models.Model):
    """The grid that a building, or a village group, belongs to. One grid at a time (sql/constraints.sql)."""

    building_code = area_code()
    grid_code = area_code()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            valid_range("building_grid_valid_range"),
            models.CheckConstraint(condition=models.Q(grid_code__regex=r"^[0-9]{12}G[0-9]{3}$"), name="building_grid_grid_code"),
            models.CheckConstraint(
                condition=models.Q(building_code__regex=r"^[0-9]{12}(B[0-9]{4}|Z[0-9]{2})$"), name="building_grid_building_code"
            ),
        ]
        indexes = [models.Index(fields=["grid_code"], name="building_grid_grid")]


class Address(models.Model):
    """A door. In a building it is told apart by its unit text, in a village group by the householder's name (blind index)."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    place_code = area_code()
    unit = models.CharField(max_length=60, default="", blank=True)
    householder_cipher = models.TextField(default="", blank=True)
    householder_blind = models.CharField(max_length=120, null=True, blank=True)
    detail_cipher = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(place_code__regex=r"^[0-9]{12}(B[0-9]{4}|Z[0-9]{2})$"), name="address_place_is_building_or_group"
            ),
            models.UniqueConstraint(fields=["place_code", "unit", "householder_blind"], nulls_distinct=False, name="address_one_door"),
        ]
