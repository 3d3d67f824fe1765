"""What the pages need of tokens: one's own, made, listed and ended (registers.ports.TokenDesk)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from linli.api import acts, queries
from linli.kernel.viewer import Grant, Viewer
from linli.registers.ports import TokenSeen

SHOWN = 100


class TokenDesk:
    """The API's own answer to the port."""

    def own(self, viewer: Viewer) -> list[TokenSeen]:
        """The viewer's own tokens, newest first. Two queries."""
        rows = queries.tokens(viewer).filter(staff=queries.staff_of(viewer))[:SHOWN]
        return [
            TokenSeen(
                uid=row.uid,
                label=row.label,
                grants=tuple(Grant(**grant) for grant in row.grants),
                made_at=row.made_at,
                expires_at=row.expires_at,
                revoked_at=row.revoked_at,
                last_used_at=row.last_used_at,
            )
            for row in rows
        ]

    def make(self, viewer: Viewer, *, label: str, grants: Sequence[Grant], days: int) -> str:
        """A new token's secret, known nowhere else."""
        return acts.make_token(viewer, label=label, grants=grants, days=days).secret

    def revoke(self, viewer: Viewer, *, token: UUID) -> None:
        """End one at once."""
        acts.revoke_token(viewer, token=token)
