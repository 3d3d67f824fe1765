"""What an open application still asks for and a form can give: an account, a promise. For the person's page and the window's alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Form

from linli.casework.models import Case, Requirement
from linli.entitlements.acts import give_account, give_word
from linli.entitlements.models import Application
from linli.entitlements.paying import ORGANISATIONS, holder_name
from linli.entitlements.reckoning import ACCOUNT
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.programmes.queries import pinned
from linli.web.applying.promises import PromiseForm
from linli.web.money.accounts import AccountForm
from linli.web.templatetags.texts import chinese

BUTTON = "give"
"""The name of the button that sends one of the forms; its value is the material's id."""


@dataclass(frozen=True, slots=True)
class Asking:
    """account: the form of the account, None where it isn't asked for; promises: by material. sent: the material whose form came, or ""."""

    account: AccountForm | None
    promises: Mapping[str, PromiseForm]
    sent: str

    @classmethod
    def of(cls, viewer: Viewer, case: Case, posted: Any, *, carded: bool = True) -> Asking:
        """The forms of a case, the one that was sent filled in. carded: known by the card, or at a window. Three queries at most."""
        if case.kind != "application" or case.status != "open" or not carded:
            return NOTHING
        states = dict(Requirement.objects.filter(case=case, state__in=("wanted", "refused")).values_list("material", "state"))
        if not states:
            return NOTHING
        sent = posted.get(BUTTON, "") if posted is not None else ""
        programme = pinned(case.programme, case.programme_version or "")
        new: dict[str, Any] = {"initial": {"key": str(uuid7())}}
        promises = {
            one.id: PromiseForm(programme, one, posted if sent == one.id else None, **new)
            for one in programme.materials
            if one.id in states and one.exempt == "commitment"
        }
        account = None
        applied = Application.objects.filter(case=case).first() if ACCOUNT in states else None
        if applied is not None:
            account = AccountForm(
                posted if sent == ACCOUNT else None,
                name=holder_name(applied),
                own=applied.payee == "self",
                firm=applied.payee in ORGANISATIONS,
                **new,
            )
        known = sent in promises or (sent == ACCOUNT and account is not None)
        return cls(account, promises, sent if known else "")

    @property
    def form(self) -> Form | None:
        """The form that was sent."""
        return self.account if self.sent == ACCOUNT else self.promises.get(self.sent)

    @property
    def wrong(self) -> bool:
        """Whether the form that was sent has problems."""
        return self.form is not None and bool(self.form.errors)

    def give(self, viewer: Viewer, case: Case) -> bool:
        """Give what was sent; False where the form has to be shown again with its problems."""
        form = self.form
        if form is None or not form.is_valid():
            return False
        key = form.cleaned_data["key"]
        try:
            if isinstance(form, AccountForm):
                give_account(viewer, case.uid, form.account(), key=key)
            elif isinstance(form, PromiseForm):
                give_word(viewer, case.uid, form.material.id, form.facts(), key=key)
        except Refused:
            raise
        except LinliError as problem:
            form.add_error(None, ValidationError(problem.zh if chinese() else problem.en))
            return False
        return True


NOTHING = Asking(None, {}, "")
