"""去哪里办: the nearest window that does an item and is open, for anyone who says where they are, and for residents from their home."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from linli.kernel.clock import now, today
from linli.kernel.errors import LinliError
from linli.kernel.positions import WGS84, position
from linli.registers.matters import BENEFITS
from linli.registers.queries.windows import Start, home_of, start_at
from linli.web.entrance.residents import Visitor
from linli.web.frame import city
from linli.web.frame.middleware import MAY_ASK_WHERE
from linli.web.places import nearest
from linli.web.places.directory import Asked, Directory, directory
from linli.web.views.my import for_matter


@never_cache
@csrf_exempt  # nothing on the server changes, and a token would need a cookie
def windows(request: HttpRequest) -> HttpResponse:
    """Item and place are chosen in a form. A device's position is posted, so that no address and no log holds it; nothing of it is kept."""
    given = request.POST if request.method == "POST" else request.GET
    items = nearest.items()
    item = given.get("item", "")
    places = nearest.townships()
    place = given.get("place", "")
    known = {code for _county, inside in places for code, _name in inside}
    start = _device(given.get("lon", ""), given.get("lat", "")) if request.method == "POST" else None
    if start is None and place in known:
        start = start_at(place, today())
    context = {
        "items": items,
        "item": item if item in dict(items) else "",
        "places": places,
        "place": place if place in known else "",
        "answer": nearest.answer(start, item if item in dict(items) else "", now()) if start else None,
        "nowhere": start is None and (request.method == "POST" or place in known),
        "directory": None if start else _directory(request, item if item in dict(items) else ""),
        "counties": city.counties(),
        "first": not request.GET.get("after"),
        "section": "windows",
    }
    response = render(request, "public/windows.html", context)
    response.headers["Permissions-Policy"] = MAY_ASK_WHERE
    return response


def _directory(request: HttpRequest, item: str) -> Directory:
    """The windows by county and town, as the address narrows them."""
    told = request.GET
    asked = Asked(item, told.get("county", ""), told.get("q", "").replace("\x00", ""), told.get("open") == "1")
    return directory(asked, now(), told.get("after", ""))


def _device(lon: str, lat: str) -> Start | None:
    """Where a device says it is: browsers give WGS-84 (W3C Geolocation). None where it is nowhere in this country."""
    try:
        return Start(position(float(lon), float(lat), WGS84))
    except (ValueError, LinliError):
        return None


@for_matter(BENEFITS)
def own(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The same from the home on record of whom the pages are about; known by the card, since distances tell where somebody lives."""
    visitor.viewer.require_level("card")
    items = nearest.items()
    asked = request.GET.get("item", "")
    item = asked if asked in dict(items) else ""
    start = home_of(visitor.whom, today())
    context = {
        "visitor": visitor,
        "items": items,
        "item": item,
        "answer": nearest.answer(start, item, now()) if start else None,
        "section": "found",
    }
    return render(request, "my/windows.html", context)
