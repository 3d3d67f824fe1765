"""A resident's own addresses, under /my/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.views import contests, escrows, letters, mandates, my, my_apply, my_cases, nearest, notices, papers, place_reports, works

MY: list[URLPattern] = [
    path("", my.home, name="home"),
    path("sign-in/", my.sign_in, name="sign_in"),
    path("sign-in/code/", my.confirm, name="confirm"),
    path("sign-in/city/", my.identity, name="identity"),
    path("sign-in/city/back/", my.identity_back, name="identity_back"),
    path("sign-out/", my.sign_out, name="sign_out"),
    path("whom/<uuid:whom>/", my.turn, name="turn"),
    path("found/<slug:slug>/<uuid:subject>/", my.why, name="why"),
    path("found/<slug:slug>/<uuid:subject>/card/", my.leaflet, name="leaflet"),
    path("apply/<slug:slug>/", my_apply.page, name="apply"),
    path("wrong/<str:fact>/", my.wrong, name="wrong"),
    path("visit/", my.visit, name="visit"),
    path("cases/<uuid:uid>/", my_cases.case, name="case"),
    path("cases/<uuid:uid>/object/", contests.contest, name="contest"),
    path("cases/<uuid:uid>/review/", contests.contest, {"kind": "review"}, name="review"),
    path("recoveries/<uuid:uid>/", contests.shared, name="shared_recovery"),
    path("recoveries/<uuid:uid>/letter/", contests.shared_letter, name="shared_letter"),
    path("cases/<uuid:uid>/agree/", contests.agree, name="agree"),
    path("cases/<uuid:uid>/escrow/", escrows.agree, name="escrow"),
    path("cases/<uuid:uid>/receipt/", my_apply.receipt, name="receipt"),
    path("cases/<uuid:uid>/payments/<uuid:payment>/", my_cases.mend_account, name="mend_account"),
    path("cases/<uuid:uid>/works/", works.mine, name="works"),
    path("cases/<uuid:uid>/works/sign/", works.sign_mine, name="works_sign"),
    path("cases/<uuid:uid>/papers/", papers.mine, name="papers"),
    path("cases/<uuid:uid>/papers/give/", papers.give_mine, name="give_paper"),
    path("papers/<uuid:uid>/", papers.look_mine, name="own_paper"),
    path("papers/<uuid:uid>/<int:number>/", papers.page_mine, name="own_paper_page"),
    path("case-letters/<uuid:uid>/", letters.mine, name="case_letter"),
    path("letters/", my.letters, name="letters"),
    path("letters/reach/", notices.reach, name="reach"),
    path("letters/reach/mail/", notices.confirm_mail, name="mail"),
    path("windows/", nearest.own, name="windows"),
    path("reports/", place_reports.mine, name="reports"),
    path("readings/", my.readings, name="readings"),
    path("mandates/", mandates.mandates, name="mandates"),
    path("mandates/matter/", mandates.give_matter, name="give_matter"),
    path("mandates/<uuid:uid>/form/", mandates.paper, name="paper"),
    path("mandates/<uuid:uid>/end/", mandates.end_mandate, name="end_mandate"),
    path("mandates/<uuid:uid>/agree/", mandates.agree_mandate, name="agree_mandate"),
    path("mandates/<uuid:uid>/act/", mandates.take_up, name="take_up"),
]
