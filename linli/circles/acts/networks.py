"""Walking networks: a snapshot is taken into use, and its file kept in the state folder under its digest."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from linli.circles import facts
from linli.circles.holding import require_holds
from linli.circles.models import NetworkVersion
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.reach.graph import Graph
from linli.reach.snapshot import digest as digest_of_graph
from linli.reach.snapshot import load, save
from linli.trace import act
from linli.trace.turns import one_at_a_time

FOLDER = "networks"


def take_network(viewer: Viewer, *, file: Path, generated: bool = False, anyway: bool = False) -> NetworkVersion:
    """Take the snapshot of a file into use: from now on everything is measured on it. The one in use already changes nothing,
    but that its kept file is mended where it is gone or damaged.

    Needs administrator over the whole city. One at a time. LinliError for a file that is no sound snapshot, says no source or licence, or,
    unless it is meant anyway, doesn't hold half of the homes and half of the circles.
    """
    viewer.require("administrator")
    graph = load(file)
    _require_origin(graph, file)
    if not anyway:
        require_holds(graph, str(file))
    digest = digest_of_graph(graph)
    kept = network_file(digest)
    if not _whole(kept, digest):
        kept.parent.mkdir(parents=True, exist_ok=True)
        save(graph, kept)
    with act(viewer) as a:
        one_at_a_time("circles.network")
        newest = NetworkVersion.objects.order_by("-since", "-id").first()
        if newest is not None and newest.digest == digest:
            return newest
        row, _ = NetworkVersion.objects.update_or_create(
            digest=digest,
            defaults={
                "source": graph.origin.source,
                "licence": graph.origin.licence,
                "system": graph.origin.system,
                "edition": graph.origin.edition,
                "nodes": len(graph.key),
                "links": len(graph.u),
                "gates": len(graph.gates),
                "notes": dict(graph.origin.notes),
                "generated": generated,
                "since": clock.now(),
                "taken_by": viewer.actor,
            },
        )
        payload = {"digest": digest, "source": row.source[:200], "licence": row.licence[:200], "nodes": row.nodes, "links": row.links}
        a.record(facts.NETWORK_TAKEN, subject="register:networks", payload=payload, rows=[row])
    return row


def network_file(digest: str) -> Path:
    """Where the snapshot of that digest lies."""
    return Path(settings.LINLI_STATE) / FOLDER / f"{digest.replace(':', '-')}.reach"


def _whole(kept: Path, digest: str) -> bool:
    """Whether that network lies there already; one that is damaged or another is written anew."""
    try:
        return digest_of_graph(load(kept)) == digest
    except (FileNotFoundError, LinliError):
        return False


def _require_origin(graph: Graph, file: Path) -> None:
    if not graph.origin.source.strip() or not graph.origin.licence.strip():
        raise LinliError(
            "circles.network_origin",
            zh="路网没有写明来源和许可",
            en="The network doesn't say where it comes from and under which licence.",
            place=Place(file=str(file)),
            expected=("来源、许可", "source and licence"),
            found=f"{graph.origin.source or '—'}, {graph.origin.licence or '—'}",
            remedy_zh="用 linli reach import 重新生成，写明 --source 和 --licence",
            remedy_en="make it again with linli reach import, with --source and --licence",
        )
