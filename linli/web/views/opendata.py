"""Open data: what was published last as a table to read, every publication as files to fetch."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from linli.circles.standing import version
from linli.insight import csvw, opencircles, opendata
from linli.insight.models import Publication

PAGE = 50
CSV = "text/csv; charset=utf-8; header=present"
JSON = "application/csvm+json; charset=utf-8"
_files: dict[str, tuple[object, bytes]] = {}


def home(request: HttpRequest) -> HttpResponse:
    """The newest publication: its last quarter for the whole city, its files, and those before it; the files of the map. Three queries."""
    newest = opendata.publications().first()
    context = {
        "newest": newest,
        "lines": opendata.summary(newest) if newest else (),
        "said": opendata.declared(),
        "files": list(opencircles.FILES),
        "network": version(),
        "before": list(opendata.publications().defer("table", "metadata")[1:PAGE]),
        "section": "open-data",
    }
    return render(request, "public/open_data.html", context)


def file(request: HttpRequest, name: str, uid: UUID | None = None) -> HttpResponse:
    """The table or its description, of one publication or the newest. One query."""
    found = opendata.publication(uid) if uid else opendata.publications().first()
    if found is None or name not in (csvw.TABLE, csvw.METADATA):
        raise Http404
    return _table(found, uid) if name == csvw.TABLE else HttpResponse(found.metadata, content_type=JSON)


def map_file(request: HttpRequest, name: str) -> HttpResponse:
    """Places, circles or coverage as they are today, made once by each process while what they are made of is the same. Eight queries at
    most."""
    if name not in opencircles.FILES:
        raise Http404
    kind, of, make = opencircles.FILES[name]
    made = of()
    known = _files.get(name)
    if known is None or known[0] != made:
        known = _files[name] = (made, make(made).encode())
    return HttpResponse(known[1], content_type=kind, headers={"Cache-Control": "public, max-age=3600"})


def _table(found: Publication, uid: UUID | None) -> HttpResponse:
    """With a link to its description, as CSVW has it (Model for Tabular Data, 5.2)."""
    described = reverse("open_data_file", args=[uid, csvw.METADATA] if uid else [csvw.METADATA])
    link = f'<{described}>; rel="describedby"; type="application/csvm+json"'
    return HttpResponse(found.table, content_type=CSV, headers={"Link": link})
