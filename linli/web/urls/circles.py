"""Living circles, under /city/circles/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.views import circlemaps, circles

CIRCLES: list[URLPattern] = [
    path("", circles.listing, name="list"),
    path("export/<slug:listing>/", circles.export, name="export"),
    path("<uuid:uid>/", circles.circle, name="one"),
    path("<uuid:uid>/map/", circlemaps.layered, name="map"),
    path("<uuid:uid>/whatif/", circlemaps.tried, name="whatif"),
]
