"""Every address of the pages. The officers' portal lives under /office/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, register_converter

from linli.web.findings import KINDS
from linli.web.views import check, frame, office, public


class KindConverter:
    """The lists of a screening: found, undecided, newly-found, newly-lost."""

    regex = "|".join(KINDS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "kind")

OFFICE: list[URLPattern | URLResolver] = [
    path("sign-in/", office.sign_in, name="sign_in"),
    path("sign-out/", office.sign_out, name="sign_out"),
    path("", office.runs, name="runs"),
    path("programmes/<slug:slug>/", office.history, name="history"),
    path("runs/<uuid:run>/", office.overview, name="overview"),
    path("runs/<uuid:run>/subjects/<uuid:subject>/", office.person, name="person"),
    path("runs/<uuid:run>/<kind:kind>/", office.people, name="people"),
    path("runs/<uuid:run>/<kind:kind>/export/", office.export, name="export"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("programmes/", public.catalogue, name="catalogue"),
    path("programmes/suggestions/", public.suggestions, name="suggestions"),
    path("programmes/<slug:slug>/", public.programme, name="programme"),
    path("programmes/<slug:slug>/<str:version>/", public.programme, name="programme_version"),
    path("check/", check.start, name="check"),
    path("styleguide/", frame.styleguide, name="styleguide"),
    path("switch/<str:choice>/", frame.switch, name="switch"),
    path("healthz", frame.healthz, name="healthz"),
    path("office/", include((OFFICE, "office"))),
]
