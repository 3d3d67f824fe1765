"""The addresses of the city's figures, under /city/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.views import city

CITY: list[URLPattern] = [
    path("", city.home, name="home"),
    path("export/<slug:listing>/", city.export, name="export"),
    path("programmes/<slug:slug>/", city.programme, name="programme"),
    path("programmes/<slug:slug>/<slug:state>/", city.people, name="people"),
    path("lists/", city.lists, name="lists"),
    path("lists/<slug:slug>/", city.list_of, name="list"),
    path("lists/<slug:slug>/<slug:kind>/", city.list_rows, name="list_rows"),
]
