"""The administrators' addresses, under /admin/: staff, grants, factors, sessions, audit."""

from __future__ import annotations

from django.urls import URLPattern, path

from linli.web.views import account, staff, tokens, watch, windows

ADMIN: list[URLPattern] = [
    path("", staff.home, name="home"),
    path("staff/", staff.listing, name="staff"),
    path("staff/add/", staff.add, name="add"),
    path("staff/<uuid:uid>/", staff.person, name="person"),
    path("staff/<uuid:uid>/grants/", staff.grant, name="grant"),
    path("staff/<uuid:uid>/grants/<int:grant>/end/", staff.end_grant, name="end_grant"),
    path("staff/<uuid:uid>/proposals/<uuid:proposal>/confirm/", staff.confirm_grant, name="confirm_grant"),
    path("staff/<uuid:uid>/proposals/<uuid:proposal>/decline/", staff.decline_grant, name="decline_grant"),
    path("staff/<uuid:uid>/department/", staff.department, name="department"),
    path("staff/<uuid:uid>/active/", staff.active, name="active"),
    path("staff/<uuid:uid>/password/", staff.password, name="password"),
    path("staff/<uuid:uid>/factors/<uuid:factor>/remove/", staff.remove_factor, name="remove_factor"),
    path("staff/<uuid:uid>/person/", staff.identify, name="identify"),
    path("staff/<uuid:uid>/identities/", staff.link, name="link"),
    path("staff/<uuid:uid>/identities/<uuid:identity>/end/", staff.unlink, name="unlink"),
    path("windows/", windows.listing, name="windows"),
    path("windows/add/", windows.add, name="add_window"),
    path("windows/<uuid:uid>/", windows.window, name="window"),
    path("windows/<uuid:uid>/close/", windows.close, name="close_window"),
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
    path("account/identities/<uuid:identity>/", account.confirm_identity, name="confirm_identity"),
    path("account/identities/<uuid:identity>/end/", account.end_identity, name="end_own_identity"),
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<uuid:uid>/end/", tokens.end_token, name="end_token"),
    path("account/sessions/<uuid:session>/end/", account.end_session, name="end_own_session"),
    path("account/sessions/end/", account.end_sessions, name="end_own_sessions"),
]
