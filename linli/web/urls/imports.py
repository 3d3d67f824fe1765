"""Delivering departments' lists, under /office/imports/."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from linli.web.imports.lists import CHANGES
from linli.web.views import doubts, imports, prices


class ChangeConverter:
    """Whom a delivery changes: opened, changed, closed."""

    regex = "|".join(CHANGES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ChangeConverter, "change")

IMPORTS: list[URLPattern] = [
    path("", imports.home, name="home"),
    path("lists/<slug:slug>/", imports.send, name="send"),
    path("files/<uuid:uid>/", imports.upload, name="upload"),
    path("files/<uuid:uid>/columns/", imports.columns, name="columns"),
    path("files/<uuid:uid>/people/<change:change>/", imports.people, name="people"),
    path("files/<uuid:uid>/marked/", imports.marked, name="marked"),
    path("files/<uuid:uid>/discard/", imports.discard, name="discard"),
    path("prices/", prices.kept, name="prices"),
    path("prices/<uuid:uid>/withdraw/", prices.withdraw, name="withdraw_prices"),
    path("deliveries/", imports.history, name="history"),
    path("deliveries/<uuid:uid>/", imports.delivery, name="delivery"),
    path("deliveries/<uuid:uid>/undo/", imports.undo, name="undo"),
    path("deliveries/<uuid:uid>/doubts/", doubts.listing, name="doubts"),
    path("deliveries/<uuid:uid>/doubts/several/", doubts.several, name="doubts_several"),
    path("deliveries/<uuid:uid>/doubts/questions/", doubts.questions, name="doubts_questions"),
    path("doubts/<uuid:uid>/", doubts.doubt, name="doubt"),
]
