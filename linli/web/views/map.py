"""一刻钟生活圈: what one can walk to from a place, for anyone; the squares of the map under it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from linli.circles.blindspots import ALL, spots
from linli.circles.queries.circles import latest
from linli.circles.reachable import places_there, reachable
from linli.circles.standing import Standing, standing
from linli.kernel.clock import day_of, now, today
from linli.kernel.positions import Position
from linli.kernel.workdays import workdays
from linli.reach.profiles import PROFILES
from linli.reach.snapping import Why
from linli.registers.categories import categories
from linli.registers.queries.places import Places
from linli.registers.queries.spots import LONGEST
from linli.web.frame.middleware import MAY_ASK_WHERE
from linli.web.map import answer, sheets
from linli.web.map import blind as blindspots
from linli.web.map.base import Square
from linli.web.map.starts import Candidate, candidates, crowded, only, position_of, start_of

ZOOM = 15
SHARED_DIGITS = 3  # of a position in a link: a hundred metres, a street and nobody's door
KEEP = "public, max-age=31536000, immutable"


@dataclass(slots=True)
class Asked:
    """What the reader asked. text: as typed; place: where to start; label: what it is called, where it is called anything."""

    profile: str = "adult"
    open_only: bool = False
    text: str = ""
    label: str = ""
    place: Position | None = None

    @property
    def lon(self) -> str:
        """As a field of the form has it."""
        return f"{self.place.lon:.5f}" if self.place else ""

    @property
    def lat(self) -> str:
        """As a field of the form has it."""
        return f"{self.place.lat:.5f}" if self.place else ""


@never_cache
@csrf_exempt  # nothing on the server changes, and a token would need a cookie
def page(request: HttpRequest) -> HttpResponse:
    """The form, and the answer once there is a place. Where somebody starts is posted, so that no address and no log holds it; the link to
    share has it rounded."""
    here = standing()
    given = request.POST if request.method == "POST" else request.GET
    asked = Asked(
        given.get("profile", "") if given.get("profile", "") in PROFILES else _usual_walk(request),
        given.get("open") == "1",
        given.get("q", "").strip()[:LONGEST],
    )
    context: dict[str, Any] = {"asked": asked, "section": "map", "profiles": answer.profiles(), "speeds": answer.speeds()}
    if here is not None:
        context |= _found(here, asked, given)
    part = request.headers.get("X-Linli-Part") == "answer"
    response = render(request, "public/map_answer.html" if part else "public/map.html", context)
    response.headers["Permissions-Policy"] = MAY_ASK_WHERE
    return response


def _usual_walk(request: HttpRequest) -> str:
    """Who walks where nobody has said: in the elder edition an elder."""
    return "elder" if request.preferences.elder else "adult"  # type: ignore[attr-defined]


def _found(here: Standing, asked: Asked, given: Any) -> dict[str, Any]:
    """The answer, candidates for what was typed, or what to do about neither."""
    places = places_there(here, today())
    several: list[Candidate] = []
    if code := given.get("code", ""):
        _begin(asked, code, places, here)
    elif asked.text and asked.text != given.get("was", ""):
        several = candidates(asked.text, places, here)
        if meant := only(several):
            _begin(asked, meant.code, places, here)
        elif not several:
            return {"problem": _unknown(asked.text)}
    else:
        asked.place, asked.label = position_of(given), asked.text
        if asked.place is None and given.keys() & {"q", "lon"}:
            return {"problem": _("还不知道从哪里出发。请写社区、小区、村或者店的名字，或者点地图。")}
    if asked.place is None:
        return {"candidates": several, "crowded": crowded(several), "guessed": bool(several) and not any(one.sure for one in several)}
    moment, calendar = now(), workdays(Path(settings.LINLI_CITY))
    found = reachable(here, asked.profile, asked.place, today(), moment)
    if not found.joined:
        return {"problem": _nowhere(found.why)}
    known = categories(settings.LINLI_CITY)
    told = answer.answer(found, asked.place, places, known, moment, calendar, open_only=asked.open_only)
    return {
        "answer": told,
        "who": str(answer.PROFILE_WORDS[asked.profile]),
        "speed": answer.speed_words(told.profile),
        "far": answer.far_words(told.profile),
        "share": _share(asked),
        "view": f"{asked.lon} {asked.lat} {ZOOM}",
        "source": sheets.source_words(here.version),
        "on": day_of(moment),
    }


def _begin(asked: Asked, code: str, places: Places, here: Standing) -> None:
    """From a candidate. Two queries for an area, none for a place of the register."""
    if found := start_of(code, places, here):
        asked.place, asked.label = found
        asked.text = asked.label


def _unknown(text: str) -> str:
    return _("没有找到“%(text)s”。换个说法，如社区名加楼号，或者直接点地图。") % {"text": text}


def _nowhere(why: Why) -> str:
    """Why nothing can be worked out from there."""
    told = {
        Why.TOO_FAR: _("这里附近没有能走的路，算不出来。请点路边的地方。"),
        Why.ACROSS_BARRIER: _("这里和附近的路隔着河、铁路或围墙，算不出来。请点路边的地方。"),
    }
    return told.get(why) or _("这里不在路网范围内，算不出来。")


def _share(asked: Asked) -> str:
    if asked.place is None:
        return reverse("map")
    rounded = {"lon": f"{asked.place.lon:.{SHARED_DIGITS}f}", "lat": f"{asked.place.lat:.{SHARED_DIGITS}f}", "profile": asked.profile}
    return f"{reverse('map')}?{urlencode(rounded | ({'open': '1'} if asked.open_only else {}))}"


def blind(request: HttpRequest) -> HttpResponse:
    """Where a quarter of an hour doesn't reach a kind of place, or what circles must have, circle by circle. Four queries; what is drawn is
    reckoned once in a process for each computation."""
    here, run = standing(), latest()
    asked = request.GET.get("profile", "")
    profile = asked if asked in PROFILES else _usual_walk(request)
    context: dict[str, Any] = {"section": "map", "profiles": answer.profiles(), "profile": profile}
    if here is not None and run is not None and run.network.digest == here.version.digest:
        found = spots(here, run)
        kinds = blindspots.kinds(found)
        key = next((key for key, _words in kinds if key == request.GET.get("kind")), ALL)
        told = blindspots.told(found, key, context["profile"])
        context |= {"kinds": kinds, "key": key, "told": told, "day": run.day, "who": str(answer.PROFILE_WORDS[context["profile"]])}
    return render(request, "public/map_blind.html", context)


def ground(request: HttpRequest, network: str, zoom: int, x: int, y: int) -> HttpResponse:
    """A square of the map. Its address changes with the network, so that browsers may keep it."""
    made = sheets.square(network, Square(zoom, x, y))
    if made is None:
        raise Http404
    return HttpResponse(made, content_type="application/geo+json", headers={"Cache-Control": KEEP})
