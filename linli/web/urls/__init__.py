"""Every address of the pages: each portal has a file of its own, gathered here."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, register_converter
from django.urls.converters import StringConverter

from linli.web.urls.admin import ADMIN
from linli.web.urls.batches import BATCHES
from linli.web.urls.circles import CIRCLES
from linli.web.urls.city import CITY
from linli.web.urls.imports import IMPORTS
from linli.web.urls.my import MY
from linli.web.urls.office import OFFICE
from linli.web.urls.payments import PAYMENTS
from linli.web.urls.places import PLACES
from linli.web.urls.promises import PROMISES
from linli.web.urls.steward import STEWARD
from linli.web.urls.window import WINDOW
from linli.web.views import (
    announcements,
    check,
    draws,
    frame,
    letters,
    map,
    nearest,
    notices,
    opendata,
    place_reports,
    prices,
    public,
    reviews,
)


class DrawCode(StringConverter):
    """The code of a draw, as "disabled-student-aid.2026.17.1"."""

    regex = "[A-Za-z0-9.-]{1,120}"


register_converter(DrawCode, "draw")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("programmes/", public.catalogue, name="catalogue"),
    path("programmes/suggestions/", public.suggestions, name="suggestions"),
    path("programmes/<slug:slug>/", public.programme, name="programme"),
    path("programmes/<slug:slug>/<str:version>/", public.programme, name="programme_version"),
    path("check/", check.start, name="check"),
    path("announcements/", announcements.listing, name="announcements"),
    path("announcements/<uuid:uid>/", announcements.public, name="announcement"),
    path("announcements/ranks/<uuid:uid>/", reviews.public, name="ranks_shown"),
    path("my/announcements/<uuid:uid>/object/", announcements.object_to, name="announcement_object_number"),
    path("my/announcements/<uuid:uid>/object/<int:position>/", announcements.object_to, name="announcement_object"),
    path("draws/", draws.listing, name="draws"),
    path("draws/verify/", draws.verify_page, name="draw_verify"),
    path("draws/<draw:code>/", draws.one, name="public_draw"),
    path("draws/<draw:code>/file/", draws.file, name="draw_file"),
    path("genuine/", notices.genuine, name="genuine"),
    path("genuine/script/", notices.script, name="genuine_script"),
    path("verify/", letters.verify, name="verify"),
    path("verify/<str:code>/", letters.verify, name="verify_code"),
    path("windows/", nearest.windows, name="windows"),
    path("map/", map.page, name="map"),
    path("map/blind/", map.blind, name="map_blind"),
    path("map/ground/<slug:network>/<int:zoom>/<int:x>/<int:y>.json", map.ground, name="map_ground"),
    path("map/report/", place_reports.report, name="map_report"),
    path("map/reports/<uuid:uid>/", place_reports.reported, name="map_reported"),
    path("prices/", prices.prices, name="prices"),
    path("open-data/", opendata.home, name="open_data"),
    path("open-data/map/<str:name>", opendata.map_file, name="open_map_file"),
    path("open-data/<uuid:uid>/<str:name>", opendata.file, name="open_data_file"),
    path("open-data/<str:name>", opendata.file, name="open_data_file"),
    path("styleguide/", frame.styleguide, name="styleguide"),
    path("switch/<str:choice>/", frame.switch, name="switch"),
    path("my/", include((MY, "my"))),
    path("window/", include((WINDOW, "window"))),
    path("steward/", include((STEWARD, "steward"))),
    path("office/imports/", include((IMPORTS, "imports"))),
    path("office/programmes/", include((PROMISES, "programmes"))),
    path("office/payments/", include((PAYMENTS, "payments"))),
    path("office/places/", include((PLACES, "places"))),
    path("office/", include((OFFICE, "office"))),
    path("batches/", include((BATCHES, "batches"))),
    path("admin/", include((ADMIN, "admin"))),
    path("city/circles/", include((CIRCLES, "circles"))),
    path("city/", include((CITY, "city"))),
]
