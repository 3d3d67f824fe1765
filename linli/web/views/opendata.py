"""Open data: what was published last as a table to read, every publication as files to fetch."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from linli.insight import csvw, opendata
from linli.insight.models import Publication

PAGE = 50
CSV = "text/csv; charset=utf-8; header=present"
JSON = "application/csvm+json; charset=utf-8"


def home(request: HttpRequest) -> HttpResponse:
    """The newest publication: its last quarter for the whole city, its files, and those before it. Two queries."""
    newest = opendata.publications().first()
    context = {
        "newest": newest,
        "lines": opendata.summary(newest) if newest else (),
        "said": opendata.declared(),
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


def _table(found: Publication, uid: UUID | None) -> HttpResponse:
    """With a link to its description, as CSVW has it (Model for Tabular Data, 5.2)."""
    described = reverse("open_data_file", args=[uid, csvw.METADATA] if uid else [csvw.METADATA])
    link = f'<{described}>; rel="describedby"; type="application/csvm+json"'
    return HttpResponse(found.table, content_type=CSV, headers={"Link": link})
