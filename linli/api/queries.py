"""Reads of tokens and webhooks: one's own; an administrator or security officer of the whole city sees all."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from linli.api.models import Delivery, Token, Webhook
from linli.kernel import clock
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers.models import Staff
from linli.registers.queries import viewer_of

Owned = TypeVar("Owned", Token, Webhook)
Row = TypeVar("Row", Token, Webhook, Delivery)
OVERSEERS = ("administrator", "security")


def token_digest(secret: str) -> str:
    """What is stored of a token's secret. It has 256 random bits, so one pass of a digest is enough; always SHA-256, so that it can be
    looked up whatever the installation's own algorithm becomes."""
    return digest(secret.encode(), "sha256")


def token_in_force(secret: str) -> Token | None:
    """The token of a secret if it is neither expired nor revoked and its maker may still sign in. One query."""
    found = Token.objects.select_related("staff").filter(digest=token_digest(secret), revoked_at__isnull=True, expires_at__gt=clock.now())
    return found.filter(staff__is_active=True).first()


def viewer_of_token(token: Token) -> Viewer:
    """What the token may do today: those of its grants that its maker still holds. One query."""
    maker = viewer_of(token.staff)
    grants = (Grant(grant["role"], grant["area"], grant["programme"]) for grant in token.grants)
    return Viewer(maker.actor, tuple(one for one in grants if maker.may(one.role, area=one.area, programme=one.programme)))


def staff_of(viewer: Viewer) -> Staff:
    """The member of staff that the viewer is; Refused for anyone else."""
    kind, _, uid = viewer.actor.partition(":")
    found = Staff.objects.filter(uid=uid, is_active=True).first() if kind == "staff" else None
    if found is None:
        raise Refused("api.staff_only", zh="仅限工作人员", en="For staff only.", found=viewer.actor)
    return found


def tokens(viewer: Viewer, asking: Token | None = None) -> QuerySet[Token]:
    """Tokens that the viewer may see, newest first. asking: the token that calls, which sees itself and those that come from it."""
    rows = _own(Token.objects.select_related("staff").order_by("-id"), viewer)
    if asking is None or oversees(viewer):
        return rows
    return rows.filter(pk__in=[asking.pk, *(one.pk for one in made_from(asking))])


def made_from(token: Token, *, lock: bool = False) -> list[Token]:
    """The tokens that came from this one, through however many others, oldest generation first. One query per generation."""
    found: list[Token] = []
    generation = [token]
    while generation:
        rows = Token.objects.select_related("staff").filter(made_by__in=generation).order_by("id")
        generation = list(rows.select_for_update(of=("self",)) if lock else rows)
        found += generation
    return found


def own_token(viewer: Viewer, uid: UUID, *, asking: Token | None = None, lock: bool = False) -> Token:
    """One of them; LinliError api.not_there otherwise."""
    return _one(tokens(viewer, asking).filter(uid=uid), lock)


def webhooks(viewer: Viewer) -> QuerySet[Webhook]:
    """Webhooks that the viewer may see, newest first."""
    return _own(Webhook.objects.select_related("staff").order_by("-id"), viewer)


def own_webhook(viewer: Viewer, uid: UUID, *, lock: bool = False) -> Webhook:
    """One of them; LinliError api.not_there otherwise."""
    return _one(webhooks(viewer).filter(uid=uid), lock)


def deliveries(viewer: Viewer, webhook: UUID) -> QuerySet[Delivery]:
    """What a webhook of the viewer's was told and is still to be told, newest first."""
    return Delivery.objects.filter(webhook=own_webhook(viewer, webhook)).order_by("-id")


def delivery_of(viewer: Viewer, uid: UUID, *, lock: bool = False) -> Delivery:
    """One delivery to a webhook of the viewer's; LinliError api.not_there otherwise."""
    mine = webhooks(viewer).values("pk")
    return _one(Delivery.objects.select_related("webhook__staff").filter(webhook__in=mine, uid=uid), lock)


def oversees(viewer: Viewer) -> bool:
    """Whether the viewer watches over everybody's tokens: an administrator or security officer of the whole city."""
    return viewer.all_seeing or any(viewer.may(role) for role in OVERSEERS)


def _own(rows: QuerySet[Owned], viewer: Viewer) -> QuerySet[Owned]:
    if oversees(viewer):
        return rows
    kind, _, uid = viewer.actor.partition(":")
    return rows.filter(staff__uid=uid) if kind == "staff" else rows.none()


def _one(rows: QuerySet[Row], lock: bool) -> Row:
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise not_there()
    return found


def not_there() -> LinliError:
    """Neither "there is none" nor "it is not yours": a caller learns the same of both."""
    return LinliError(
        "api.not_there",
        zh="没有这一项，或不在您的权限范围内",
        en="There is no such thing, or your grants do not cover it.",
        remedy_zh="核对编号和权限",
        remedy_en="check the id and your grants",
    )
