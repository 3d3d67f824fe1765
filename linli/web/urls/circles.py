"""Living circles, under /city/circles/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.views import circlemaps, circleplans, circles, circletopics

CIRCLES: list[URLPattern] = [
    path("", circles.listing, name="list"),
    path("export/<slug:listing>/", circles.export, name="export"),
    path("children/", circletopics.topic, {"slug": "children"}, name="children"),
    path("green/", circletopics.topic, {"slug": "green"}, name="green"),
    path("buses/", circletopics.buses, name="buses"),
    path("siting/", circletopics.sited, name="siting"),
    path("plans/", circleplans.followed, name="plans"),
    path("plans/booklet/", circleplans.booklet, name="booklet"),
    path("issued/<uuid:uid>/", circleplans.paper, name="issued"),
    path("actions/<uuid:uid>/", circleplans.action, name="action"),
    path("<uuid:uid>/", circles.circle, name="one"),
    path("<uuid:uid>/map/", circlemaps.layered, name="map"),
    path("<uuid:uid>/whatif/", circlemaps.tried, name="whatif"),
    path("<uuid:uid>/plan/", circleplans.plan, name="plan"),
    path("<uuid:uid>/plan/step/", circleplans.step, name="plan_step"),
    path("<uuid:uid>/plan/preview/", circleplans.preview, name="plan_preview"),
]
