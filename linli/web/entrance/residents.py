"""A resident's session: who signed in, for whom they act just now, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from linli.casework.models import Case
from linli.kernel.clock import now
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import subject_of
from linli.registers.models import Mandate, Resident, ResidentAccount
from linli.registers.queries.accounts import account_of, errand_of, viewer_of_resident
from linli.web.entrance import binding

_KEY = "resident"
SEEN_SECONDS, IDLE_SECONDS = 60, 30 * 60


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who signed in, as a viewer; whom the pages are about just now: themself, or somebody they act for; and who else it may be.

    errand: the single-matter mandate by which they act for that person just now, if it is by one.
    """

    account: ResidentAccount
    viewer: Viewer
    whom: Resident
    principals: tuple[Resident, ...]
    errand: Mandate | None = None

    @property
    def acting(self) -> bool:
        """Whether they act for somebody else."""
        return self.whom.pk != self.account.resident_id

    def covers(self, case: Case) -> bool:
        """Whether a case of the person is theirs to see: in a single matter only that matter's own, and those they opened."""
        return self.errand is None or str(case) == self.errand.matter or case.opened_by == self.viewer.actor

    @property
    def carded(self) -> bool:
        """Whether they are known by their card."""
        return self.viewer.level in ("card", "city")

    @property
    def signs_in_anew(self) -> bool:
        """Whether the card was checked after this session began: it opens once they have signed in again."""
        return not self.carded and self.account.level in ("card", "city")


def begin(request: HttpRequest, account: ResidentAccount, level: str = "") -> None:
    """Signed in, under a new session key; whoever was signed in here before no longer is. level: of this session, "" the
    account's at this moment: one that rises later opens nothing here before they sign in again."""
    request.session.flush()
    request.session[_KEY] = {"account": str(account.uid), "seen": now().timestamp(), "whom": "", "level": level or account.level}
    binding.bind(request, subject_of(account.resident))


def end(request: HttpRequest) -> None:
    """Signed out."""
    request.session.flush()


def present(request: HttpRequest) -> Visitor | None:
    """Who is signed in here, None after half an hour unused or once the account is gone. Four queries."""
    held = request.session.get(_KEY)
    if not held:
        return None
    moment = now().timestamp()
    account = account_of(held["account"]) if moment - held["seen"] <= IDLE_SECONDS else None
    if account is None or not binding.fits(request):
        end(request)
        return None
    if moment - held["seen"] > SEEN_SECONDS:
        request.session[_KEY] = {**held, "seen": moment}
    viewer = viewer_of_resident(account, held.get("level") or None)
    principals = tuple(Resident.objects.filter(uid__in=viewer.acts_for).order_by("name_pinyin", "id"))
    errand = _errand(viewer, held.get("errand", ""))
    if (held.get("errand") and errand is None) or (held["whom"] and held["whom"] not in viewer.acts_for):
        # Whoever is given the mandate again chooses again whom to act for.
        request.session[_KEY] = {**request.session[_KEY], "whom": "", "errand": ""}
        messages.warning(request, _("您替人办理的委托已经结束。下面是您自己的页面；要再替对方办，请对方重新委托。"))
        held = {**held, "whom": ""}
    whom = errand.principal if errand else next((one for one in principals if str(one.uid) == held["whom"]), account.resident)
    return Visitor(account, viewer, whom, principals, errand)


def _errand(viewer: Viewer, uid: str) -> Mandate | None:
    """The single-matter mandate that was taken up, None once it has ended."""
    try:
        return errand_of(viewer, uid) if uid else None
    except Refused:
        return None


def no_longer_about() -> LinliError:
    """What a form is answered with that was filled in about somebody whom the pages are no longer about."""
    return LinliError(
        "mandates.other_person",
        zh="这一页现在已经不是替填表时的那个人办理，没有提交",
        en="These pages are no longer about the person the form was filled in for. Nothing was sent.",
        remedy_zh="委托可能已经终止，或者您在别处换了办理的人。先看清现在替谁办，再重新填写",
        remedy_en="the mandate may have ended, or you turned to somebody else: look whom you act for, then fill it in again",
    )


def turn_to(request: HttpRequest, visitor: Visitor, uid: UUID) -> None:
    """From now on the pages are about this person, if the visitor may act for them; else about the visitor."""
    whom = str(uid) if str(uid) in visitor.viewer.acts_for else ""
    request.session[_KEY] = {**request.session[_KEY], "whom": whom, "errand": ""}


def take_up(request: HttpRequest, visitor: Visitor, mandate: UUID) -> None:
    """From now on the pages are about whoever gave this single-matter mandate, as far as its matter goes. Refused for any other."""
    found = errand_of(visitor.viewer, mandate)
    request.session[_KEY] = {**request.session[_KEY], "whom": "", "errand": str(found.uid)}
