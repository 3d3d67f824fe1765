"""The lines of a list of works: what is done where, how much of it, at which price."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from linli import vault
from linli.entitlements.works.refusals import refused
from linli.kernel.viewer import Viewer
from linli.programmes.particulars.declaration import Works

MOST_LINES = 40
LONGEST = {"description": 80, "unit": 12}
MOST_QUANTITY = 9_999
MOST_PRICE_FEN = 100_000_000
FIELD = "words"
VIEWING, OWN = "casework.document", "self.view"
"""Purposes: why staff read a list of works, and why the person or whoever acts for them does; those of the papers it is made of."""


@dataclass(frozen=True, slots=True)
class Line:
    """area: an id of the programme's areas; quantity in whole `unit`s; unit_price_fen: of one of them."""

    area: str
    description: str
    quantity: int
    unit: str
    unit_price_fen: int

    @property
    def price_fen(self) -> int:
        """What the line costs."""
        return self.quantity * self.unit_price_fen


def total_fen(lines: Sequence[Line]) -> int:
    """What they cost together."""
    return sum(line.price_fen for line in lines)


def checked(lines: Sequence[Line], works: Works) -> list[Line]:
    """The lines as they are kept. Raises LinliError for none, for one that is no line, and where they cost more than the cap."""
    if not 0 < len(lines) <= MOST_LINES:
        raise refused(
            "lines", ("清单须有项目", "A list has items."), ("填写项目", "write them"), expected=f"1–{MOST_LINES}", found=str(len(lines))
        )
    found = [_checked(number, line, works) for number, line in enumerate(lines, start=1)]
    whole = total_fen(found)
    if works.cap is not None and whole > works.cap:
        raise refused(
            "over_cap",
            ("清单超过每户费用上限", "The list costs more than one household's may."),
            ("减少项目，或核对数量和单价", "leave something out, or check quantities and prices"),
            expected=f"≤ {yuan(works.cap)}",
            found=yuan(whole),
        )
    return found


def _checked(number: int, line: Line, works: Works) -> Line:
    areas = {one.id for one in works.areas}
    tidy = replace(line, description=line.description.strip(), unit=line.unit.strip())
    faults = {
        "area": tidy.area not in areas,
        "description": not 0 < len(tidy.description) <= LONGEST["description"],
        "quantity": not 0 < tidy.quantity <= MOST_QUANTITY,
        "unit": not 0 < len(tidy.unit) <= LONGEST["unit"],
        "unit_price_fen": not 0 < tidy.unit_price_fen <= MOST_PRICE_FEN,
    }
    wrong = next((name for name, is_wrong in faults.items() if is_wrong), None)
    if wrong is not None:
        zh, en = _NAMES[wrong]
        raise refused(
            "line",
            (f"第 {number} 项的{zh}不正确", f"The {en} of item {number} is wrong."),
            ("对照现场核定的清单更正", "correct it by the list made on site"),
            field=f"{wrong}-{number}",
            found=str(getattr(line, wrong))[:60],
        )
    return tidy


_NAMES = {
    "area": ("改造部位", "area"),
    "description": ("内容", "description"),
    "quantity": ("数量", "quantity"),
    "unit": ("单位", "unit"),
    "unit_price_fen": ("单价", "unit price"),
}


def yuan(fen: int) -> str:
    """An amount as refusals say it."""
    return f"{fen // 100}.{fen % 100:02}"


def sealed(lines: Sequence[Line], subject: UUID) -> str:
    """As ciphertext under the person's key."""
    plain = json.dumps([asdict(line) for line in lines], ensure_ascii=False, sort_keys=True)
    return vault.protect(subject, {FIELD: plain})[FIELD]


def opened(viewer: Viewer, subject: UUID, ciphers: Mapping[str, str], place: str) -> dict[str, list[Line]]:
    """Lines by name out of their ciphertexts, none of an empty one; the reading is recorded for the person. Two queries at most."""
    wanted = {name: cipher for name, cipher in ciphers.items() if cipher}
    if not wanted:
        return {}
    own = viewer.acts_for_resident(subject)
    people = [(subject, {FIELD: cipher}) for cipher in wanted.values()]
    plain = vault.reveal_many(viewer, purpose=OWN if own else VIEWING, people=people, place=place)
    return {name: [Line(**one) for one in json.loads(told[FIELD])] for name, told in zip(wanted, plain, strict=True)}
