"""The addresses of payments, under /office/payments/."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.views import account_checks, bank_words, contests, funds, payees, payments

PAYMENTS: list[URLPattern] = [
    path("", payments.home, name="home"),
    path("recoveries/", contests.recoveries, name="recoveries"),
    path("recoveries/<uuid:case>/", contests.recovery, name="recovery"),
    path("entries/<uuid:word>/", bank_words.decide, name="bank_word"),
    path("payment/<uuid:payment>/bank-says/", bank_words.enter, name="bank_says"),
    path("batches/<uuid:batch>/accounts/", account_checks.begin, name="ask_accounts"),
    path("accounts/<uuid:inquiry>/", account_checks.inquiry, name="inquiry"),
    path("accounts/<uuid:inquiry>/drop/", account_checks.drop, name="drop_inquiry"),
    path("accounts/<uuid:inquiry>/file/", account_checks.file, name="inquiry_file"),
    path("accounts/answers/<uuid:answer>/", account_checks.answer, name="account_answer"),
    path("funds/", funds.listing, name="funds"),
    path("export/<slug:listing>/", funds.export, name="export"),
    path("payers/", payments.payers, name="payers"),
    path("batches/<uuid:batch>/", payments.batch, name="batch"),
    path("batches/<uuid:batch>/payees/", payees.of_batch, name="payees"),
    path("batches/<uuid:batch>/payees/<uuid:organisation>/", payees.one, name="payee"),
    path("orders/<uuid:order>/", payments.order, name="order"),
    path("orders/<uuid:order>/decide/", payments.decide, name="decide"),
    path("orders/<uuid:order>/file/", payments.file, name="file"),
    path("answers/<uuid:outcome>/", payments.answer, name="answer"),
    path("payment/<uuid:payment>/", payments.payment, name="payment"),
    path("payment/<uuid:payment>/give-up/", payments.give_up, name="give_up"),
]
