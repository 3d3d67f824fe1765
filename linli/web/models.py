"""What signing in needs to remember. No fact and no domain data: an access log of failures, deleted when it has aged."""

from __future__ import annotations

from django.db import models


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
