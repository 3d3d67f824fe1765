"""The clerk's addresses, under /window/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.views import contests, guardianships, mandates, organisations, papers, payees, window, window_apply

WINDOW: list[URLPattern] = [
    path("", window.find, name="find"),
    path("register/", window.register, name="register"),
    path("organisations/", organisations.page, name="organisations"),
    path("organisations/<uuid:uid>/", payees.organisation, name="organisation"),
    path("papers/", papers.by_receipt, name="by_receipt"),
    path("cases/<uuid:uid>/papers/", papers.at_the_window, name="papers"),
    path("cases/<uuid:uid>/contest/<slug:kind>/", contests.for_somebody, name="contest"),
    path("cases/<uuid:uid>/papers/give/", papers.scan, name="give_paper"),
    path("lacking/", window.lacking, name="lacking"),
    path("people/<uuid:uid>/", window.person, name="person"),
    path("people/<uuid:uid>/consent/", window.consent, name="consent"),
    path("people/<uuid:uid>/done/", window.done, name="done"),
    path("people/<uuid:uid>/check-card/", window.check_card, name="check_card"),
    path("people/<uuid:uid>/code/", window.code, name="code"),
    path("people/<uuid:uid>/mandates/", mandates.window_mandates, name="mandates"),
    path("people/<uuid:uid>/mandates/<uuid:mandate>/form/", mandates.window_paper, name="paper"),
    path("people/<uuid:uid>/mandates/<uuid:mandate>/end/", mandates.window_end, name="end_mandate"),
    path("people/<uuid:uid>/mandates/<uuid:mandate>/agree/", mandates.window_agree, name="agree_mandate"),
    path("people/<uuid:uid>/guardianship/", guardianships.record, name="guardianship"),
    path("people/<uuid:uid>/paper/<slug:matter>/", mandates.blank_paper, name="blank_paper"),
    path("people/<uuid:uid>/apply/<slug:slug>/", window_apply.page, name="apply"),
    path("cases/<uuid:uid>/receipt/", window_apply.receipt, name="receipt"),
    path("people/<uuid:uid>/visit/", window.visit, name="visit"),
    path("people/<uuid:uid>/wrong/<str:fact>/", window.wrong, name="wrong"),
    path("people/<uuid:uid>/found/<slug:slug>/<uuid:subject>/", window.why, name="why"),
    path("people/<uuid:uid>/found/<slug:slug>/<uuid:subject>/card/", window.leaflet, name="leaflet"),
]
