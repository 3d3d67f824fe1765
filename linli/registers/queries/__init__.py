"""Reads of who and where. What shows people takes the viewer and filters by grant."""

from linli.registers.queries.addresses import ResolvedAddress, resolve_address
from linli.registers.queries.areas import (
    Resolution,
    Stewards,
    Suggestion,
    area_on,
    buildings_of,
    current_code,
    full_name,
    grid_of,
    path_of,
    resolve_area,
    stewards_of,
    subtree,
)
from linli.registers.queries.residents import (
    ResidentPage,
    household_members,
    links_of,
    living_in,
    resident_page,
    residents,
    situations_of,
    visible_resident,
)
from linli.registers.queries.search import Found, search_residents
from linli.registers.queries.staff import staff_named, viewer_of

__all__ = [
    "Found",
    "ResidentPage",
    "Resolution",
    "ResolvedAddress",
    "Stewards",
    "Suggestion",
    "area_on",
    "buildings_of",
    "current_code",
    "full_name",
    "grid_of",
    "household_members",
    "links_of",
    "living_in",
    "path_of",
    "resident_page",
    "residents",
    "resolve_address",
    "resolve_area",
    "search_residents",
    "situations_of",
    "staff_named",
    "stewards_of",
    "subtree",
    "viewer_of",
    "visible_resident",
]
