"""The days on which what the registers say of a person may have changed: between them every answer stays the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from linli.kernel import clock
from linli.registers import prepared

_DAYS = """
    WITH who AS (SELECT id FROM registers_resident WHERE uid = ANY(%(uids)s::uuid[])),
    told AS (
        SELECT x.valid_from, x.valid_to FROM registers_record x JOIN who ON who.id = x.resident_id
        WHERE x.list_slug = ANY(%(lists)s::text[]) AND x.known_from <= %(at)s AND (x.known_to IS NULL OR x.known_to > %(at)s)
        UNION ALL
        SELECT x.valid_from, x.valid_to FROM registers_situation x JOIN who ON who.id = x.resident_id
        WHERE x.known_from <= %(at)s AND (x.known_to IS NULL OR x.known_to > %(at)s)
        UNION ALL
        SELECT x.valid_from, x.valid_to FROM registers_holding x JOIN who ON who.id = x.resident_id
        WHERE x.known_from <= %(at)s AND (x.known_to IS NULL OR x.known_to > %(at)s)
        UNION ALL
        SELECT x.valid_from, x.valid_to FROM registers_authorisation x JOIN who ON who.id = x.resident_id
        WHERE x.known_from <= %(at)s AND (x.known_to IS NULL OR x.known_to > %(at)s)
        UNION ALL
        SELECT i.as_of, i.fresh_until FROM registers_listimport i
        WHERE i.list_slug = ANY(%(lists)s::text[]) AND i.applied_at <= %(at)s AND (i.undone_at IS NULL OR i.undone_at > %(at)s)
        UNION ALL
        SELECT x.expires_on, NULL FROM registers_record x JOIN who ON who.id = x.resident_id
        WHERE x.list_slug = ANY(%(lists)s::text[]) AND x.expires_on IS NOT NULL AND x.known_from <= %(at)s
    )
    SELECT DISTINCT day FROM told, LATERAL (VALUES (valid_from), (valid_to)) days (day)
    WHERE day > %(first)s AND day <= %(last)s
    ORDER BY day
"""


def days_of_change(
    uids: Iterable[UUID | str], lists: Iterable[str], first: date, last: date, known_at: datetime | None = None
) -> tuple[date, ...]:
    """The days after `first`, up to `last`, on which one of these lists may begin or cease to say something of any of the people.

    Places, holdings, authorisations and whether a list is fresh count as well. One query by index, whatever the length.
    """
    scope = {"uids": [str(uid) for uid in uids], "lists": sorted(lists), "first": first, "last": last, "at": known_at or clock.now()}
    return tuple(row["day"] for row in prepared.rows(_DAYS, scope))


def every_day(first: date, last: date) -> tuple[date, ...]:
    """Each day of [first, last]."""
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))
