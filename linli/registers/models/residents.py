"""Who: residents, what was once believed of them, and the four dated situations."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Collate, Length, Replace, Substr
from django.db.models.lookups import GreaterThan

from linli.kernel.ids import uuid7
from linli.registers.models.fields import area_code, known_range, one_of, salt, valid_range

SEXES = ("male", "female")
HUKOU_TYPES = ("agricultural", "non_agricultural", "unified")
SITUATION_KINDS = ("registered", "lives", "insured", "studies")

# What a search looks for: a name's characters without dots and spaces, the same from its second character on, and unspaced pinyin.
# The first two compare byte by byte whatever the database's collation is, so that a beginning is a range of their indexes.
CHARACTERS = Collate(Replace(Replace("name", Value("·"), Value("")), Value(" "), Value("")), "C")
CHARACTERS_AFTER = Collate(Substr(Replace(Replace("name", Value("·"), Value("")), Value(" "), Value("")), 2), "C")
LETTERS = Replace("name_pinyin", Value(" "), Value(""))
LONG = Q(GreaterThan(Length("name"), 3))
"""Names in which a fragment of two characters can stand behind the second one."""


class Believed(models.Model):
    """What rules may read of a person directly. NULL is unknown, never a default."""

    sex = models.CharField(max_length=6, null=True, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    birth_known = models.BooleanField(default=False)
    hukou_type = models.CharField(max_length=16, null=True, blank=True)
    deceased_on = models.DateField(null=True, blank=True)
    relations_known = models.BooleanField(default=False)
    known_from = models.DateTimeField()
    salt = salt()

    class Meta:
        abstract = True


class Resident(Believed):
    """A person. Name and birth date in clear for search; identity number, phone, account and address as ciphertext and blind index.

    birth_known: the date is documented, not estimated. relations_known: the family links on record are all there are.
    known_from: since when the present values are believed; earlier beliefs are in ResidentPast. generated: made by the
    generator, not a person. erased_at: the person's key is destroyed and these columns are emptied.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    name = models.CharField(max_length=100, blank=True)
    name_pinyin = models.CharField(max_length=400, default="", blank=True, db_collation="C")
    name_initials = models.CharField(max_length=100, default="", blank=True, db_collation="C")
    name_bigrams = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    identity_cipher = models.TextField(default="", blank=True)
    identity_blind = models.CharField(max_length=120, unique=True, db_collation="C", null=True, blank=True)
    phone_cipher = models.TextField(default="", blank=True)
    phone_blind = models.CharField(max_length=120, db_collation="C", null=True, blank=True)
    account_cipher = models.TextField(default="", blank=True)
    address_cipher = models.TextField(default="", blank=True)
    generated = models.BooleanField(default=False)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("sex", SEXES, "resident_sex"),
            one_of("hukou_type", HUKOU_TYPES, "resident_hukou_type"),
            models.CheckConstraint(condition=Q(birth_known=False) | Q(birth_date__isnull=False), name="resident_birth_known"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(name="", identity_blind__isnull=True, birth_date__isnull=True),
                name="resident_erased",
            ),
        ]
        indexes = [
            # A search reads its page's keys from an index alone (the columns that it filters by are included) and then the page's rows.
            # None of them is partial: PostgreSQL estimates an expression from the statistics of whole indexes only.
            models.Index(CHARACTERS, "name_pinyin", "id", name="resident_beginning", include=["name", "birth_date", "erased_at"]),
            models.Index(CHARACTERS_AFTER, "name_pinyin", "id", name="resident_ending", include=["name", "birth_date", "erased_at"]),
            GinIndex(fields=["name_bigrams"], name="resident_long_names", condition=LONG),
            models.Index(LETTERS, "id", name="resident_spelling", include=["name_pinyin", "birth_date", "erased_at"]),
            models.Index(fields=["name_initials", "id"], name="resident_first_letters", include=["name_pinyin", "birth_date", "erased_at"]),
            models.Index(fields=["name", "birth_date"], name="resident_name_birth"),
            models.Index(fields=["birth_date", "name_pinyin", "id"], name="resident_birth"),
            models.Index(fields=["phone_blind"], name="resident_phone", condition=Q(phone_blind__isnull=False)),
            models.Index(fields=["uid"], name="resident_died", condition=Q(deceased_on__isnull=False)),
            models.Index(fields=["uid"], name="resident_erased", condition=Q(erased_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"resident:{self.uid}"


class ResidentPast(Believed):
    """What was believed of a person before a correction, so that any past day's answer can be recomputed."""

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="past")
    known_to = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resident", "known_from"], name="resident_past_once"),
            known_range("resident_past_known_range"),
        ]


class Situation(models.Model):
    """Where someone is registered (户籍地), lives (常住地), is insured (参保地) or studies (就读地).

    True in the world over [valid_from, valid_to); believed by us over [known_from, known_to). Of the rows believed
    now, one person has one area per kind on any day (sql/overlaps.sql).
    """

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="situations", db_index=False)
    kind = models.CharField(max_length=10)
    area_code = area_code()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    known_from = models.DateTimeField()
    known_to = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=100, default="", blank=True)
    salt = salt()

    class Meta:
        constraints = [
            one_of("kind", SITUATION_KINDS, "situation_kind"),
            valid_range("situation_valid_range"),
            known_range("situation_known_range"),
        ]
        indexes = [
            models.Index(fields=["resident", "kind"], name="situation_of", include=["area_code", "valid_from", "valid_to", "known_to"]),
            models.Index(fields=["area_code", "kind"], name="situation_area"),
        ]
