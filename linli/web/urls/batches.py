"""The addresses of batches, under /batches/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.views import announcements, batches, checks

BATCHES: list[URLPattern] = [
    path("", batches.listing, name="list"),
    path("new/<slug:slug>/", batches.begin, name="begin"),
    path("export/<slug:listing>/", batches.export, name="export"),
    path("checks/", checks.checks, name="checks"),
    path("checks/<uuid:uid>/", checks.check, name="check"),
    path("checks/<uuid:uid>/papers/<uuid:document>/", checks.check_paper, name="check_paper"),
    path("checks/<uuid:uid>/papers/<uuid:document>/<int:number>/", checks.check_page, name="check_page"),
    path("items/<uuid:uid>/", batches.item, name="item"),
    path("draws/<uuid:uid>/", batches.draw, name="draw"),
    path("notices/new/<slug:slug>/", announcements.begin_cases, name="cases_begin"),
    path("notices/<uuid:uid>/", announcements.notice, name="notice"),
    path("notices/<uuid:uid>/photos/<int:number>/", announcements.poster_photo, name="poster_photo"),
    path("notices/<uuid:uid>/poster/", announcements.poster, name="poster"),
    path("notices/<uuid:uid>/object/", announcements.object_for, name="object"),
    path("<uuid:uid>/", batches.batch, name="batch"),
    path("<uuid:uid>/archive/", batches.archive, name="archive"),
    path("<uuid:uid>/dissolve/", batches.dissolve, name="dissolve"),
    path("<uuid:uid>/declared/", batches.declared, name="declared"),
    path("<uuid:uid>/items/", batches.items, name="items"),
    path("<uuid:uid>/left/", batches.left, name="left"),
    path("<uuid:uid>/left/<uuid:award>/", batches.slip, name="slip"),
    path("<uuid:uid>/draw/", batches.draw_begin, name="draw_begin"),
    path("<uuid:uid>/notice/", announcements.begin, name="notice_begin"),
]
