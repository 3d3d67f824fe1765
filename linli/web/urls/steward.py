"""The addresses of stewards and grid workers, under /steward/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.office import queued
from linli.web.views import announcements, place_reports, steward

STEWARD: list[URLPattern] = [
    path("", steward.home, name="home"),
    path("people/<uuid:uid>/", steward.person, name="person"),
    path("ask/", steward.ask, name="ask"),
    path("places/", steward.places, name="places"),
    path("places/<str:code>/", steward.place, name="place"),
    path("reports/", place_reports.listing, name="reports"),
    path("reports/<uuid:uid>/", place_reports.look, name="report"),
    path("lacking/", steward.lacking, name="lacking"),
    path("hanging/", announcements.hanging, name="hanging"),
    path("waiting/", steward.waiting, name="waiting"),
    path("offline/", steward.offline, name="offline"),
    path("queue/", queued.state, name="queue"),
    path("worker.js", queued.worker, name="worker"),
]
