"""Whom employers took on and whom they lost, counted from the insured rosters person by person, so that nobody counts for two of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from linli.kernel import clock
from linli.kernel.dates import add_years
from linli.registers import prepared

LIST, EMPLOYER, SINCE = "social-insurance", "employer_code", "insured_since"

_HIRES = """
    WITH said AS (
        SELECT x.resident_id, x.data->>%(employer)s AS employer, (x.data->>%(since)s)::date AS since, x.valid_from, x.valid_to
        FROM registers_record x
        WHERE x.list_slug = %(list)s AND x.present AND x.resident_id IS NOT NULL AND x.data ? %(employer)s
            AND x.known_from <= %(at)s AND (x.known_to IS NULL OR x.known_to > %(at)s)
    ),
    now AS (SELECT * FROM said WHERE valid_from <= %(day)s AND (valid_to IS NULL OR valid_to > %(day)s)),
    before AS (SELECT * FROM said WHERE valid_from <= %(earlier)s AND (valid_to IS NULL OR valid_to > %(earlier)s)),
    counted AS (
        SELECT n.employer, 1 AS insured,
            (CASE WHEN b.resident_id IS NULL THEN coalesce(n.since > %(earlier)s, FALSE) ELSE b.employer <> n.employer END)::int AS joined,
            0 AS gone
        FROM now n LEFT JOIN before b ON b.resident_id = n.resident_id
        UNION ALL
        SELECT b.employer, 0, 0, 1
        FROM before b LEFT JOIN now n ON n.resident_id = b.resident_id
        WHERE n.resident_id IS NULL OR n.employer <> b.employer
    )
    SELECT employer, sum(insured)::bigint AS insured, sum(joined)::bigint AS joined, sum(gone)::bigint AS gone
    FROM counted GROUP BY employer ORDER BY employer
"""


@dataclass(frozen=True, slots=True)
class Hires:
    """One employer's insured people on a day, those who came in the year before, and those who went."""

    employer: str
    insured: int
    joined: int
    gone: int

    @property
    def net(self) -> int:
        """How many more there are for those who came and went."""
        return self.joined - self.gone


def hires(day: date) -> list[Hires]:
    """Every employer of the insured rosters, by credit code, over the twelve months before `day`. One query over the list.

    Somebody is on one roster at a time: the database refuses two, and rows that contradict each other are believed for nobody. So whoever
    moved counts for the employer of the day alone. Who came: is there on the day, and a year before was with another, or not insured yet.
    """
    scope = {"list": LIST, "employer": EMPLOYER, "since": SINCE, "day": day, "earlier": add_years(day, -1), "at": clock.now()}
    return [Hires(row["employer"], row["insured"], row["joined"], row["gone"]) for row in prepared.rows(_HIRES, scope)]
