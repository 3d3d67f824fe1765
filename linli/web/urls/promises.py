"""Programmes as officers keep them, under /office/programmes/: versions, drafts, previews, what-ifs."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from linli.web.views import drafts, examples, previews, promises, whatif


class VersionConverter:
    """A version as its department has named it, without control characters: a column of text takes no NUL."""

    regex = r"[^/\x00-\x1f\x7f]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(VersionConverter, "version")

PROMISES: list[URLPattern] = [
    path("", promises.listing, name="list"),
    path("new/", promises.new, name="new"),
    path("upload/", promises.upload, name="upload"),
    path("drafts/<uuid:uid>/", drafts.overview, name="draft"),
    path("drafts/<uuid:uid>/text/", drafts.text, name="text"),
    path("drafts/<uuid:uid>/examples/", drafts.examples, name="examples"),
    path("drafts/<uuid:uid>/examples/change/", examples.change, name="change_examples"),
    path("drafts/<uuid:uid>/examples/<int:place>/", examples.one, name="example"),
    path("drafts/<uuid:uid>/difference/", drafts.difference, name="difference"),
    path("drafts/<uuid:uid>/history/", drafts.history, name="history"),
    path("drafts/<uuid:uid>/history/<int:number>/", drafts.revision, name="revision"),
    path("drafts/<uuid:uid>/submit/", drafts.submit, name="submit"),
    path("drafts/<uuid:uid>/move/", drafts.move, name="move"),
    path("drafts/<uuid:uid>/review/", drafts.review, name="review"),
    path("drafts/<uuid:uid>/confirm/", drafts.confirm, name="confirm"),
    path("drafts/<uuid:uid>/preview/", previews.ask, name="ask_preview"),
    path("drafts/<uuid:uid>/file/<slug:name>/", drafts.file, name="file"),
    path("drafts/<uuid:uid>/parts/<slug:section>/", drafts.section, name="section"),
    path("previews/<uuid:uid>/", previews.preview, name="preview"),
    path("previews/<uuid:uid>/people/<slug:change>/", previews.changed, name="changed"),
    path("previews/<uuid:uid>/subjects/<uuid:subject>/", previews.subject, name="subject"),
    path("<slug:slug>/versions/", promises.versions, name="versions"),
    path("<slug:slug>/screen/", promises.screen, name="screen"),
    path("<slug:slug>/versions/<version:version>/file/", promises.download, name="download"),
    path("<slug:slug>/versions/<version:version>/next/", promises.begin, name="begin"),
    path("<slug:slug>/compare/<version:before>/<version:after>/", promises.comparison, name="comparison"),
    path("<slug:slug>/whatif/", whatif.listing, name="whatif"),
    path("<slug:slug>/whatif/compare/", whatif.comparison, name="scenarios"),
    path("<slug:slug>/whatif/<uuid:uid>/", whatif.scenario, name="scenario"),
    path("<slug:slug>/whatif/<uuid:uid>/draft/", whatif.draft, name="scenario_draft"),
    path("<slug:slug>/whatif/<uuid:uid>/discard/", whatif.discard, name="scenario_discard"),
    path("<slug:slug>/whatif/<uuid:uid>/file/", whatif.file, name="scenario_file"),
]
