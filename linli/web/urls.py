"""Every address of the pages. The officers' portal lives under /office/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, register_converter

from linli.web.findings import KINDS
from linli.web.views import account, check, frame, inbox, lists, my, notices, office, public, residents, sign_in, staff, watch, window


class KindConverter:
    """The lists of a screening: found, undecided, newly-found, newly-lost."""

    regex = "|".join(KINDS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "kind")

OFFICE: list[URLPattern | URLResolver] = [
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
    path("inbox/bulk/", inbox.bulk, name="inbox_bulk"),
    path("cases/<uuid:uid>/", inbox.case, name="case"),
    path("cases/<uuid:uid>/hold/", inbox.hold, name="case_hold"),
    path("residents/", residents.search, name="residents"),
    path("residents/<uuid:uid>/", residents.resident, name="resident"),
    path("lists/<slug:listing>/export/", lists.export_list, name="export_list"),
    path("downloads/<uuid:uid>/", lists.download, name="download"),
    path("downloads/<uuid:uid>/file/", lists.download_file, name="download_file"),
    path("notices/", notices.log, name="notices_home"),
    path("notices/mailings/", notices.mailings, name="mailings"),
    path("notices/mailings/<uuid:mailing>/", notices.decide, name="decide_mailing"),
    path("notices/again/<uuid:delivery>/", notices.send_again, name="send_again"),
    path("notices/<slug:state>/", notices.log, name="notices"),
    path("filters/", lists.save_filter, name="save_filter"),
    path("filters/<uuid:uid>/delete/", lists.forget_filter, name="forget_filter"),
]

ADMIN: list[URLPattern | URLResolver] = [
    path("", staff.home, name="home"),
    path("staff/", staff.listing, name="staff"),
    path("staff/add/", staff.add, name="add"),
    path("staff/<uuid:uid>/", staff.person, name="person"),
    path("staff/<uuid:uid>/grants/", staff.grant, name="grant"),
    path("staff/<uuid:uid>/grants/<int:grant>/end/", staff.end_grant, name="end_grant"),
    path("staff/<uuid:uid>/active/", staff.active, name="active"),
    path("staff/<uuid:uid>/password/", staff.password, name="password"),
    path("staff/<uuid:uid>/factors/<uuid:factor>/remove/", staff.remove_factor, name="remove_factor"),
    path("staff/<uuid:uid>/identities/", staff.link, name="link"),
    path("staff/<uuid:uid>/identities/<uuid:identity>/end/", staff.unlink, name="unlink"),
    path("security/", watch.security, name="security"),
    path("security/sessions/<uuid:session>/end/", watch.end_session, name="end_session"),
    path("audit/", watch.audit, name="audit"),
    path("audit/reads/", watch.reads, name="reads"),
    path("account/", account.account, name="account"),
    path("account/totp/", account.totp, name="totp"),
    path("account/passkey/", account.passkey, name="passkey"),
    path("account/codes/", account.codes, name="codes"),
    path("account/password/", account.password, name="new_password"),
    path("account/factors/<uuid:factor>/remove/", account.remove_factor, name="remove_own_factor"),
    path("account/sessions/<uuid:session>/end/", account.end_session, name="end_own_session"),
    path("account/sessions/end/", account.end_sessions, name="end_own_sessions"),
]

MY: list[URLPattern | URLResolver] = [
    path("", my.home, name="home"),
    path("sign-in/", my.sign_in, name="sign_in"),
    path("sign-in/code/", my.confirm, name="confirm"),
    path("sign-out/", my.sign_out, name="sign_out"),
    path("whom/<uuid:whom>/", my.turn, name="turn"),
    path("found/<slug:slug>/<uuid:subject>/", my.why, name="why"),
    path("found/<slug:slug>/<uuid:subject>/card/", my.leaflet, name="leaflet"),
    path("wrong/<str:fact>/", my.wrong, name="wrong"),
    path("visit/", my.visit, name="visit"),
    path("letters/", my.letters, name="letters"),
    path("letters/reach/", notices.reach, name="reach"),
    path("readings/", my.readings, name="readings"),
    path("mandates/", my.mandates, name="mandates"),
    path("mandates/<uuid:uid>/end/", my.end_mandate, name="end_mandate"),
]

WINDOW: list[URLPattern | URLResolver] = [
    path("", window.find, name="find"),
    path("register/", window.register, name="register"),
    path("lacking/", window.lacking, name="lacking"),
    path("people/<uuid:uid>/", window.person, name="person"),
    path("people/<uuid:uid>/consent/", window.consent, name="consent"),
    path("people/<uuid:uid>/done/", window.done, name="done"),
    path("people/<uuid:uid>/check-card/", window.check_card, name="check_card"),
    path("people/<uuid:uid>/code/", window.code, name="code"),
    path("people/<uuid:uid>/visit/", window.visit, name="visit"),
    path("people/<uuid:uid>/wrong/<str:fact>/", window.wrong, name="wrong"),
    path("people/<uuid:uid>/found/<slug:slug>/<uuid:subject>/", window.why, name="why"),
    path("people/<uuid:uid>/found/<slug:slug>/<uuid:subject>/card/", window.leaflet, name="leaflet"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("programmes/", public.catalogue, name="catalogue"),
    path("programmes/suggestions/", public.suggestions, name="suggestions"),
    path("programmes/<slug:slug>/", public.programme, name="programme"),
    path("programmes/<slug:slug>/<str:version>/", public.programme, name="programme_version"),
    path("check/", check.start, name="check"),
    path("genuine/", notices.genuine, name="genuine"),
    path("genuine/script/", notices.script, name="genuine_script"),
    path("styleguide/", frame.styleguide, name="styleguide"),
    path("switch/<str:choice>/", frame.switch, name="switch"),
    path("healthz", frame.healthz, name="healthz"),
    path("my/", include((MY, "my"))),
    path("window/", include((WINDOW, "window"))),
    path("office/", include((OFFICE, "office"))),
    path("admin/", include((ADMIN, "admin"))),
]
