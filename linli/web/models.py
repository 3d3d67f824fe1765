"""What the pages remember: residents' sessions, failed sign-ins, kept filters, lists being written to files. No fact, no domain data."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from linli.kernel.ids import uuid7


class FailedSignIn(models.Model):
    """One failed sign-in. login and address are keyed digests: the table tells nobody who tried from where."""

    login = models.CharField(max_length=64, db_collation="C")
    address = models.CharField(max_length=64, db_collation="C")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["login", "at"], name="failed_sign_in_login"),
            models.Index(fields=["address", "at"], name="failed_sign_in_address"),
            models.Index(fields=["at"], name="failed_sign_in_at"),
        ]


class ResidentSession(AbstractBaseSession):
    """Sessions of residents, apart from those of staff: the public site's database role reads no officer's session."""


class SavedFilter(models.Model):
    """How somebody likes to narrow a list: a name for a page's query. page: the view's name, so that it serves every list of its kind."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    actor = models.CharField(max_length=80)
    page = models.CharField(max_length=80)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "page", "name"], name="saved_filter_name")]


class Download(models.Model):
    """A list that is being written to a file for the person who asked for it; kept for a day. done: rows so far, of total if known.

    listing and parameters say which list; the job asks for it again under the person's grants. language: of the headers.
    grants: [role, area, programme] of each grant it was written under; whoever no longer holds them all gets no file.
    problem: why it failed ("refused", "disk_full"), "" where only the log knows.
    """

    STATES = [(state, state) for state in ("waiting", "running", "finished", "failed", "cancelled")]

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    actor = models.CharField(max_length=80, db_index=True)
    listing = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    grants = models.JSONField(default=list, db_default=[])
    file_name = models.CharField(max_length=120)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    problem = models.CharField(max_length=10, default="", db_default="")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    @property
    def counts(self) -> str:
        """What is counted of it: cells of a superior's form of figures, cases of an archive, payments of a bank file; else rows."""
        if self.listing == "city-form" and self.parameters.get("kind") == "figures":
            return "cells"
        return {"archive-case": "cases", "archive-batch": "cases", "bank-file": "payments"}.get(self.listing, "rows")
