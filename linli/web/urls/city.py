"""The addresses of the city's figures, under /city/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.views import city, lifecycle, reports

CITY: list[URLPattern] = [
    path("", city.home, name="home"),
    path("export/<slug:listing>/", city.export, name="export"),
    path("programmes/<slug:slug>/", city.programme, name="programme"),
    path("programmes/<slug:slug>/<slug:state>/", city.people, name="people"),
    path("way/", lifecycle.way, name="way"),
    path("way/<slug:slug>/", lifecycle.way_of, name="way_of"),
    path("way/<slug:slug>/unpaid/", lifecycle.unpaid, name="unpaid"),
    path("lists/", city.lists, name="lists"),
    path("lists/<slug:slug>/", city.list_of, name="list"),
    path("lists/<slug:slug>/<slug:kind>/", city.list_rows, name="list_rows"),
    path("forms/", reports.listing, name="forms"),
    path("forms/<uuid:uid>/", reports.one, name="form"),
    path("forms/<uuid:uid>/remove/", reports.remove, name="form_remove"),
    path("forms/<uuid:uid>/renew/", reports.renew, name="form_renew"),
    path("forms/<uuid:uid>/end/", reports.end, name="form_end"),
    path("forms/<uuid:uid>/fill/", reports.fill, name="form_fill"),
]
