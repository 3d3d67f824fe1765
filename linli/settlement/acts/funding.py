"""A programme's funds: opened as its file names them with what was promised, and filled by the documents that allot the money."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from procrastinate.contrib.django import app

from linli.kernel import clock
from linli.kernel.documents import tidy_line, tidy_number
from linli.kernel.errors import LinliError, Place
from linli.kernel.money import yuan_text
from linli.kernel.viewer import Viewer
from linli.ledger.acts import Posted, Promise, allocate, fund_of, open_fund, promise_more
from linli.ledger.models import Fund
from linli.programmes.declaration import Fund as DeclaredFund
from linli.programmes.queries import live_version, live_versions, programme_of
from linli.settlement import facts
from linli.settlement.acts import making_good
from linli.settlement.models import FundPromise
from linli.settlement.refusals import no_such, refused, require_another, require_state
from linli.trace import Act, act
from linli.trace.turns import one_at_a_time

SOURCE = "promised"
MORE = f"{SOURCE}-"
PROMISE = ("追加承诺", "further promise")


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
    """Enter money that has arrived, by the number of the document that allots it: one counts once, never beyond the promise.
    What waited for it goes on, by a job."""
    viewer.require("officer", programme=slug.partition(".")[0])
    told = tidy_number(document)
    if not told:
        raise refused(
            "lacking",
            "document",
            ("请写明下达资金的文号", "Say which document allots the money."),
            remedy=("按下达的文件填写", "as the document says"),
        )
    ours = source == SOURCE or source.startswith(MORE)
    key = f"allocate:{slug}:{told}" if ours else f"allocate:{slug}:{source}:{told}"
    with act(viewer):
        done = allocate(viewer, fund=slug, source=source, fen=fen, key=key, reference=told)
        if making_good.waiting_for(slug):
            app.configure_task(making_good.GO_ON).defer()
    return done


def propose_more(viewer: Viewer, *, slug: str, source: str, fen: int, document: str) -> FundPromise:
    """Enter what a document promises to a fund beyond what was promised before; it counts once another officer has confirmed it.

    Allowed: an officer for the programme in the whole city. A document counts once for a fund: the same again is what was entered, and
    another sum or source under it is refused.
    """
    who, told = tidy_line(source), tidy_number(document)
    viewer.require("officer", programme=slug.partition(".")[0])
    if fen <= 0 or not who or not told:
        raise refused(
            "lacking",
            "promised",
            ("请写明来源、金额和文号", "Say who promises, how much, and by which document."),
            remedy=("按下达的文件填写", "as the document says"),
        )
    with act(viewer) as current:
        fund_of(slug)
        one_at_a_time(f"settlement.promise:{slug}:{told}")
        known = FundPromise.objects.filter(fund=slug, document=told).exclude(state="dropped").first()
        if known is not None:
            _require_same(known, who, fen)
            return known
        row = FundPromise(fund=slug, source=who, fen=fen, document=told, entered_by=viewer.actor, entered_at=clock.now())
        row.save(force_insert=True)
        _told(current, row)
    return row


def end_promise(viewer: Viewer, *, promise: UUID, confirm: bool) -> FundPromise:
    """Another officer confirms what one entered, after looking at the document, and the fund may get that much more; or either drops it.
    Again it changes nothing. Locks the entry."""
    with act(viewer) as current:
        row = FundPromise.objects.select_for_update().filter(uid=promise).first()
        if row is None:
            raise no_such(PROMISE, promise)
        viewer.require("officer", programme=row.fund.partition(".")[0])
        wanted = "confirmed" if confirm else "dropped"
        if row.state == wanted:
            return row
        require_state(PROMISE, row.state, "waiting")
        if confirm:
            require_another(viewer.actor, [row.entered_by], row.document)
            one_at_a_time(f"settlement.promise:{row.fund}")
            number = fund_of(row.fund).sources.count() + 1
            name = f"{row.source} {row.document}"
            promise_more(viewer, fund=row.fund, promise=Promise(f"{MORE}{number}", (name, name), row.fen))
        row.state, row.ended_by, row.ended_at = wanted, viewer.actor, clock.now()
        row.save(update_fields=["state", "ended_by", "ended_at"])
        _told(current, row)
    return row


def waiting_promises(viewer: Viewer) -> list[FundPromise]:
    """What waits for a second officer, of the funds that the viewer deals with, oldest first. One query."""
    rows = FundPromise.objects.filter(state="waiting").order_by("id")
    return [one for one in rows if viewer.may("officer", programme=one.fund.partition(".")[0])]


def _require_same(known: FundPromise, source: str, fen: int) -> None:
    if (known.source, known.fen) != (source, fen):
        raise refused(
            "promised_otherwise",
            "document",
            ("这份文件已经登记过，来源或金额不同", "That document was entered before with another source or sum."),
            expected=f"{known.source}，{yuan_text(known.fen)}",
            found=f"{source}，{yuan_text(fen)}",
            remedy=("核对文件；登记错的先作废再登记", "look at the document; drop a wrong entry and enter it anew"),
        )


def _told(current: Act, row: FundPromise) -> None:
    payload = {"promise": str(row.uid), "fund": row.fund, "fen": row.fen, "state": row.state}
    current.record(facts.FUND_PROMISE, subject=f"fund:{fund_of(row.fund).uid}", payload=payload, rows=[row])


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
