"""A circle on the map: who reaches what, and what would change if something opened, closed, moved, or a gate or bridge were otherwise."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from linli.circles import queries
from linli.circles.declared import Norm, standard
from linli.circles.few import FEW, exact_for
from linli.circles.models import Circle, Coverage
from linli.circles.queries.whatif import what_if
from linli.circles.reachable import places_there
from linli.circles.standing import required
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.reach.profiles import PROFILES
from linli.web.circles import layers, plans, said, whatif
from linli.web.places.kept import choices as categories_by_group
from linli.web.places.stating import said as refusal
from linli.web.templatetags.texts import chinese
from linli.web.views.circles import about
from linli.web.views.office import for_staff

FIRST = "breakfast-15"


@for_staff
def layered(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Homes that reach what one norm asks for and homes that don't, on the map and as a table. Twelve queries of its own at most."""
    circle = queries.circle_of(viewer, uid)
    run = queries.latest()
    context: dict[str, Any] = {**about(circle, "map"), "basis": said.basis(circle)}
    if run is not None and (norm := _norm(circle, run, request.GET.get("norm", ""))) is not None:
        own = standard().groups_on(run.day)[norm.group]
        profile = request.GET.get("profile", "")
        profile = profile if profile in PROFILES else own.profile
        context |= {
            "norm": norm,
            "norms": layers.choices(circle, standard().asked(run.day), run.day),
            "group": own.label,
            "profile": profile,
            "walks": said.WALKS[profile],
            "metres": norm.limit(PROFILES[profile]) // 10,
            "profiles": [(name, said.WALKS[name]) for name in PROFILES],
        }
        try:
            context["found"] = layers.layers(viewer, circle, norm, profile)
        except Refused:
            raise
        except LinliError as problem:  # the network's file is gone: the page says so, and what to do
            context["problem"] = refusal(problem)
    return render(request, "circles/map.html", context)


def _norm(circle: Circle, run: Coverage, asked: str) -> Norm | None:
    """The norm that is asked for where it applies to the circle, else the first that does."""
    known = [norm for norm in standard().asked(run.day) if norm.applies(circle.kind, run.day)]
    return next((one for wanted in (asked, FIRST) for one in known if one.key == wanted), known[0] if known else None)


_GIVEN = dict.fromkeys(("kind", "category", "place", "gate", "where", "other"), "")


@for_staff
def tried(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """What changes would do, before and after, for every circle of the viewer's; nothing is stored. Nine queries of its own at most."""
    circle = queries.circle_of(viewer, uid)
    context: dict[str, Any] = {**about(circle, "whatif"), "kinds": list(whatif.KINDS.items()), "basis": said.basis(circle)}
    run = queries.latest()
    if run is None:
        return render(request, "circles/whatif.html", context)
    try:
        there = required()
    except LinliError as lost:
        return render(request, "circles/whatif.html", context | {"problem": refusal(lost)})
    places = places_there(there, run.day)
    edits, problem = whatif.read(request.POST.getlist("edit"), there, places)
    verb = request.POST.get("verb", "")
    if verb == "add" or (not verb and "meant" in request.POST):
        try:
            edits.append(whatif.added(request.POST, len(edits), there, places))
        except Refused:
            raise
        except LinliError as found:
            problem = found
    elif verb.startswith("drop-"):
        edits = [one for number, one in enumerate(edits) if str(number) != verb[len("drop-") :]]
    elif verb == "clear":
        edits = []
    context |= _worked_out(request, viewer, circle, edits, problem)
    if request.headers.get("X-Linli-Part") == "answer":
        return render(request, "circles/whatif_answer.html", context, status=400 if context["problem"] else 200)
    box = layers.box(circle, run)
    around = whatif.around(there, places, box)
    context |= {
        "around": around,
        "categories": categories_by_group(),
        "given": {**_GIVEN, **(request.POST.dict() if problem else {})},
        "scenery": layers.scenery(there, around, box),
    }
    return render(request, "circles/whatif.html", context, status=400 if context["problem"] else 200)


def _actions(viewer: Viewer, circle: Circle) -> dict[str, UUID]:
    """By norm, the circle's actions that the viewer may still change: a what-if becomes one of them or nothing. Two queries at most."""
    found = queries.plan(viewer, circle) if plans.may_plan(viewer, circle) else None
    return {one.action.gap.norm: one.action.uid for one in plans.standing(found) if one.action.state in ("proposed", "open")}


def _worked_out(
    request: HttpRequest, viewer: Viewer, circle: Circle, edits: list[whatif.Tried], problem: LinliError | None
) -> dict[str, Any]:
    """The changes and what they do. The last change is left out for as long as the engine refuses them."""
    found = None
    while edits and found is None:
        try:
            found = what_if(viewer, [one.edit for one in edits])
        except Refused:
            raise
        except LinliError as refused:
            problem, edits = refused, edits[:-1]
    rows = whatif.rows(viewer, found, circle) if found else []
    shown = next((row for row in rows if row.circle.pk == circle.pk and row.norm.key == request.POST.get("norm", "")), None)
    shown = shown or next((row for row in rows if row.circle.pk == circle.pk), None)
    drawn = {"edits": [one.drawn for one in edits], "homes": whatif.homes(found, circle, shown.norm) if found and shown else []}
    return {
        "edits": edits,
        "found": found,
        "rows": rows,
        "exact": exact_for(viewer, circle.area_code),
        "few": FEW,
        "shown": shown,
        "drawn": drawn,
        "problem": refusal(problem) if problem else "",
        "actions": _actions(viewer, circle) if rows else {},
        "said": _("；").join(one.words for one in edits),
        "unclear": problem if isinstance(problem, whatif.UnclearError) else None,
        "settled": request.POST.getlist("meant"),
        "expected": problem.facing("zh" if chinese() else "en")[0] if problem else "",
    }
