"""The officers' addresses, under /office/."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from linli.web.programme.findings import KINDS
from linli.web.views import (
    answers,
    applications,
    contests,
    escrows,
    guardianships,
    inbox,
    letters,
    lists,
    notices,
    office,
    papers,
    residents,
    reviews,
    sign_in,
    steward,
    works,
)


class KindConverter:
    """The lists of a screening: found, undecided, newly-found, newly-lost."""

    regex = "|".join(KINDS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "kind")

OFFICE: list[URLPattern] = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/factor/", sign_in.second_factor, name="second_factor"),
    path("sign-in/enrol/", sign_in.enrol, name="enrol"),
    path("sign-in/identity/", sign_in.identity, name="identity"),
    path("sign-in/identity/back/", sign_in.identity_back, name="identity_back"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("", office.runs, name="runs"),
    path("programmes/<slug:slug>/", office.history, name="history"),
    path("runs/<uuid:run>/", office.overview, name="overview"),
    path("runs/<uuid:run>/subjects/<uuid:subject>/", office.person, name="person"),
    path("runs/<uuid:run>/<kind:kind>/", office.people, name="people"),
    path("runs/<uuid:run>/<kind:kind>/export/", office.export, name="export"),
    path("inbox/", inbox.listing, name="inbox"),
    path("inbox/ratings/", inbox.ratings, name="inbox_ratings"),
    path("inbox/bulk/", inbox.bulk, name="inbox_bulk"),
    path("cases/<uuid:uid>/", inbox.case, name="case"),
    path("cases/<uuid:uid>/hold/", inbox.hold, name="case_hold"),
    path("cases/<uuid:uid>/archive/", inbox.archive, name="case_archive"),
    path("cases/<uuid:uid>/overpaid/", contests.stated, name="overpaid"),
    path("cases/<uuid:uid>/overpaid/say/", contests.propose, name="overpaid_say"),
    path("cases/<uuid:uid>/again/", applications.again, name="case_again"),
    path("cases/<uuid:uid>/back/", applications.back, name="case_back"),
    path("cases/<uuid:uid>/works/", works.of_case, name="works"),
    path("cases/<uuid:uid>/papers/", papers.of_case, name="papers"),
    path("cases/<uuid:uid>/papers/give/", papers.give_for, name="give_paper"),
    path("cases/<uuid:uid>/escrow/", escrows.page, name="escrow"),
    path("cases/<uuid:uid>/answer/", answers.one, name="answer"),
    path("cases/<uuid:uid>/score/", reviews.score, name="score"),
    path("answers/", answers.several, name="answers"),
    path("reviews/<slug:slug>/", reviews.rounds, name="review"),
    path("reviews/ranks/<uuid:uid>/", reviews.ranks, name="ranks"),
    path("reviews/ranks/<uuid:uid>/file/", reviews.file, name="ranks_file"),
    path("visits/<uuid:uid>/place/", steward.visit_place, name="visit_place"),
    path("papers/<uuid:uid>/", papers.look, name="paper"),
    path("papers/<uuid:uid>/facts/", papers.show, name="paper_facts"),
    path("papers/<uuid:uid>/<int:number>/", papers.page, name="paper_page"),
    path("letters/<uuid:uid>/", letters.letter, name="letter"),
    path("letters/<uuid:uid>/pdf/", letters.pdf, name="letter_pdf"),
    path("residents/", residents.search, name="residents"),
    path("residents/<uuid:uid>/", residents.resident, name="resident"),
    path("guardianships/<uuid:uid>/", guardianships.revoke, name="guardianship"),
    path("lists/<slug:listing>/export/", lists.export_list, name="export_list"),
    path("downloads/", lists.listing, name="downloads"),
    path("downloads/<uuid:uid>/", lists.download, name="download"),
    path("downloads/<uuid:uid>/cancel/", lists.cancel_download, name="cancel_download"),
    path("downloads/<uuid:uid>/file/", lists.download_file, name="download_file"),
    path("notices/", notices.log, name="notices_home"),
    path("notices/mailings/", notices.mailings, name="mailings"),
    path("notices/mailings/<uuid:mailing>/", notices.decide, name="decide_mailing"),
    path("notices/again/<uuid:delivery>/", notices.send_again, name="send_again"),
    path("notices/<slug:state>/", notices.log, name="notices"),
    path("filters/", lists.save_filter, name="save_filter"),
    path("filters/<uuid:uid>/delete/", lists.forget_filter, name="forget_filter"),
]
