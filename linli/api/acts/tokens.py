"""Making and revoking tokens."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from linli.api.facts import TOKEN_MADE, TOKEN_REVOKED
from linli.api.models import Token
from linli.api.queries import made_from, own_token, staff_of, token_digest
from linli.kernel import areas, clock
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.trace import act

PREFIX = "linli_"
LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Made:
    """A new token with its secret, which is known nowhere else."""

    token: Token
    secret: str


def make_token(viewer: Viewer, *, label: str, grants: Sequence[Grant], days: int, made_by: Token | None = None) -> Made:
    """Make a token of the viewer's own: each grant inside one of theirs, for 1 to 366 days.

    The viewer's grants at the time of a call limit it again, so a grant taken back is taken back from the token too.
    made_by: the token that asks, if one does: the new one lasts no longer and ends with it. Locks that one.
    """
    staff = staff_of(viewer)
    if not grants or not 1 <= days <= LONGEST_DAYS:
        raise LinliError(
            "api.bad_token",
            zh="令牌要有至少一项权限和有效天数",
            en="A token needs at least one grant and a number of days.",
            place=Place(field="grants" if not grants else "days"),
            expected=f"one grant or more, 1 to {LONGEST_DAYS} days",
            expected_zh=f"至少一项权限，1 到 {LONGEST_DAYS} 天",
            found=f"{len(grants)} grants, {days} days",
            found_zh=f"{len(grants)} 项权限，{days} 天",
            remedy_zh="写明权限和天数",
            remedy_en="name the grants and the days",
        )
    for grant in grants:
        if grant.area:
            areas.level(grant.area)
        viewer.require(grant.role, area=grant.area, programme=grant.programme)
    made_at = clock.now()
    expires_at = made_at + timedelta(days=days)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token(
        digest=token_digest(secret),
        label=label,
        staff=staff,
        grants=[{"role": grant.role, "area": grant.area, "programme": grant.programme} for grant in grants],
        made_by=made_by,
        made_at=made_at,
        expires_at=min(expires_at, made_by.expires_at) if made_by else expires_at,
    )
    with act(viewer) as a:
        if made_by is not None:
            _require_in_force(made_by)
        token.save(force_insert=True)
        payload = {"token": str(token.uid), "grants": token.grants, "expires_at": token.expires_at.isoformat()}
        a.record(TOKEN_MADE, subject=staff.actor, payload=payload, rows=[token])
    return Made(token, secret)


def _require_in_force(asking: Token) -> None:
    """Raise Refused if the token that asks has been ended meanwhile. Locks it: no child is born while its parent is being ended."""
    if Token.objects.select_for_update().get(pk=asking.pk).revoked_at is not None:
        raise Refused("api.token_ended", zh="令牌已被终止", en="The token has been ended.", found=str(asking.uid))


def revoke_token(viewer: Viewer, *, token: UUID, asking: Token | None = None) -> Token:
    """End a token of one's own at once, and every token that came from it; an administrator or security officer of the whole city may
    end anyone's. asking: the token that calls, which ends itself and those that came from it. Twice is once. Locks them, the oldest first.
    """
    with act(viewer) as a:
        row = own_token(viewer, token, asking=asking, lock=True)
        for one in (row, *made_from(row, lock=True)):
            if one.revoked_at is None:
                one.revoked_at = clock.now()
                one.save(update_fields=["revoked_at"])
                a.record(TOKEN_REVOKED, subject=one.staff.actor, payload={"token": str(one.uid)}, rows=[one])
    return row
