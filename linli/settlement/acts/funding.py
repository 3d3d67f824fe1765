"""A programme's funds: opened as its file names them with what was promised, and filled by the documents that allot the money."""

from __future__ import annotations

from collections.abc import Iterable

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.ledger.acts import Posted, Promise, allocate, open_fund
from linli.ledger.models import Fund
from linli.programmes.declaration import Fund as DeclaredFund
from linli.programmes.queries import live_version, live_versions, programme_of

SOURCE = "promised"


def slug_of(programme: str, fund: str) -> str:
    """What the ledger calls a fund of a programme."""
    return f"{programme}.{fund}"


def unopened(viewer: Viewer) -> list[tuple[str, DeclaredFund]]:
    """Funds that programmes in force pay from, that nobody has opened and that the viewer may: slug and declaration. Two queries."""
    opened = set(Fund.objects.values_list("slug", flat=True))
    found = []
    for programme in map(programme_of, live_versions(clock.today())):
        if programme.payment is None or not viewer.may("officer", programme=programme.slug):
            continue
        named = ((slug_of(programme.slug, one.id), one) for one in programme.funds if one.id in programme.payment.funds)
        found += [(slug, one) for slug, one in named if slug not in opened]
    return found


def open_declared(viewer: Viewer, *, slug: str, promised_fen: int) -> DeclaredFund:
    """Open a fund of a programme in force. Allowed: an officer for the programme in the whole city. It is empty until money arrives."""
    viewer.require("officer", programme=slug.partition(".")[0])
    declared = _declared(slug)
    names = (declared.label.zh, declared.label.en)
    open_fund(viewer, slug=slug, purpose=names, programme=slug.partition(".")[0], promises=[Promise(SOURCE, names, promised_fen)])
    return declared


def enter_arrived(viewer: Viewer, *, slug: str, fen: int, document: str, source: str = SOURCE) -> Posted:
    """Enter money that has arrived, by the number of the document that allots it: one counts once, never beyond the promise."""
    viewer.require("officer", programme=slug.partition(".")[0])
    key = f"allocate:{slug}:{document}" if source == SOURCE else f"allocate:{slug}:{source}:{document}"
    return allocate(viewer, fund=slug, source=source, fen=fen, key=key, reference=document)


def _declared(slug: str) -> DeclaredFund:
    programme, _, name = slug.partition(".")
    version = live_version(programme, clock.today())
    known = {fund.id: fund for fund in programme_of(version).funds} if version else {}
    if name not in known:
        raise LinliError(
            "ledger.no_fund",
            zh="正在执行的政策没有这项资金",
            en="No programme in force has this fund.",
            place=Place(field="fund"),
            expected=_said(programme, known) or ("先发布政策", "a published programme"),
            found=slug,
            remedy_zh="按政策文件 funds 中的写法填写",
            remedy_en="write it as the programme's file has it under funds",
        )
    return known[name]


def _said(programme: str, names: Iterable[str]) -> str:
    return ", ".join(slug_of(programme, one) for one in names)
