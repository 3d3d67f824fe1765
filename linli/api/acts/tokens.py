"""Making and revoking tokens."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from linli.api.facts import TOKEN_MADE, TOKEN_REVOKED
from linli.api.models import Token
from linli.api.queries import own_token, staff_of, token_digest
from linli.kernel import areas, clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Grant, Viewer
from linli.trace import act

PREFIX = "linli_"
LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Made:
    """A new token with its secret, which is known nowhere else."""

    token: Token
    secret: str


def make_token(viewer: Viewer, *, label: str, grants: Sequence[Grant], days: int, not_after: datetime | None = None) -> Made:
    """Make a token of the viewer's own: each grant inside one of theirs, for 1 to 366 days, never beyond not_after.

    The viewer's grants at the time of a call limit it again, so a grant taken back is taken back from the token too.
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
        made_at=made_at,
        expires_at=min(expires_at, not_after) if not_after else expires_at,
    )
    with act(viewer) as a:
        token.save(force_insert=True)
        payload = {"token": str(token.uid), "grants": token.grants, "expires_at": token.expires_at.isoformat()}
        a.record(TOKEN_MADE, subject=staff.actor, payload=payload, rows=[token])
    return Made(token, secret)


def revoke_token(viewer: Viewer, *, token: UUID) -> Token:
    """End a token of one's own at once; an administrator or security officer of the whole city may end anyone's. Twice is once."""
    with act(viewer) as a:
        row = own_token(viewer, token, lock=True)
        if row.revoked_at is None:
            row.revoked_at = clock.now()
            row.save(update_fields=["revoked_at"])
            a.record(TOKEN_REVOKED, subject=row.staff.actor, payload={"token": str(row.uid)}, rows=[row])
    return row
