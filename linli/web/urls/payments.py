"""The addresses of payments, under /office/payments/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.views import payments

PAYMENTS: list[URLPattern] = [
    path("", payments.home, name="home"),
    path("payers/", payments.payers, name="payers"),
    path("batches/<uuid:batch>/", payments.batch, name="batch"),
    path("orders/<uuid:order>/", payments.order, name="order"),
    path("orders/<uuid:order>/decide/", payments.decide, name="decide"),
    path("orders/<uuid:order>/file/", payments.file, name="file"),
    path("answers/<uuid:outcome>/", payments.answer, name="answer"),
    path("payment/<uuid:payment>/", payments.payment, name="payment"),
    path("payment/<uuid:payment>/give-up/", payments.give_up, name="give_up"),
]
