"""Keeping places, under /office/places/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.views import placelists, places

PLACES: list[URLPattern] = [
    path("", places.listing, name="list"),
    path("new/", places.add, name="add"),
    path("send/", placelists.send, name="send"),
    path("files/<uuid:uid>/", placelists.upload, name="upload"),
    path("files/<uuid:uid>/marked/", placelists.marked, name="marked"),
    path("files/<uuid:uid>/discard/", placelists.discard, name="discard"),
    path("<uuid:uid>/", places.one, name="one"),
    path("<uuid:uid>/close/", places.close, name="close"),
]
