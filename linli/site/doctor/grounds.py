"""Checks of what living circles are measured on and what was issued of them: network, timetable, plans are as they were taken or sent."""

from __future__ import annotations

from pathlib import Path

from linli.circles.acts.buses import feed_file, feed_in_use
from linli.circles.acts.networks import network_file
from linli.circles.models import IssuedPlan, NetworkVersion
from linli.circles.queries import said
from linli.kernel.digests import algorithm_of, digest
from linli.kernel.errors import LinliError
from linli.reach.snapshot import digest as digest_of_graph
from linli.reach.snapshot import load
from linli.site.doctor.findings import FAIL, OK, Finding

TOLD = 5


def network() -> Finding:
    """The snapshot of the network in use is there and whole, and is the one that was taken. Reads it."""
    row = NetworkVersion.objects.order_by("-since", "-id").first()
    if row is None:
        return Finding("network", OK, "还没有启用步行路网", "no walking network is in use")
    file = network_file(row.digest)
    remedy = (
        f"重新启用这个路网：linli circles network 文件.reach；或从备份恢复 {file.name}",
        f"take that network into use again: linli circles network FILE.reach; or restore {file.name} from a backup",
    )
    try:
        found = digest_of_graph(load(file), algorithm_of(row.digest))
    except FileNotFoundError:
        return Finding("network", FAIL, f"路网快照不在了：{file}", f"the snapshot of the network is gone: {file}", *remedy)
    except LinliError as damaged:
        return Finding("network", FAIL, f"{damaged.zh}：{file}", f"{damaged.en.rstrip('.')}: {file}", *remedy)
    if found != row.digest:
        return Finding("network", FAIL, f"路网快照换成了别的路网：{file}", f"the snapshot is of another network: {file}", *remedy)
    return Finding("network", OK, f"{row.nodes} 个节点，快照完好", f"{row.nodes} nodes, the snapshot is whole")


def timetable() -> Finding:
    """The bus timetable in use is there, byte for byte."""
    row = feed_in_use()
    if row is None:
        return Finding("timetable", OK, "还没有启用公交时刻", "no bus timetable is in use")
    file = feed_file(row.digest)
    if _is(file, row.digest):
        return Finding("timetable", OK, row.name, row.name)
    remedy = (
        f"重新启用：linli city buses 文件.zip；或从备份恢复 {file.name}",
        f"take it into use again: linli city buses FEED.zip; or restore {file.name} from a backup",
    )
    return Finding("timetable", FAIL, f"公交时刻文件不在或已损坏：{file}", f"the timetable's file is gone or damaged: {file}", *remedy)


def plans() -> Finding:
    """Every issued plan is, byte for byte, what was sent out. Reads them all, one at a time."""
    rows = IssuedPlan.objects.order_by("id").iterator(chunk_size=8)
    number, wrong = 0, list[str]()
    for row in rows:
        number += 1
        if digest(bytes(row.pdf), algorithm_of(row.digest)) != row.digest:
            wrong.append(said(row))
    if wrong:
        told = ", ".join(wrong[:TOLD]) + (f" … ({len(wrong)})" if len(wrong) > TOLD else "")
        remedy = ("从备份恢复，再执行 linli trace verify --deep", "restore a backup, then run linli trace verify --deep")
        return Finding("plans", FAIL, f"已印发的方案被改动：{told}", f"issued plans were altered: {told}", *remedy)
    return Finding("plans", OK, f"{number} 份已印发的方案完好", f"{number} issued, all as they were sent")


def _is(file: Path, known: str) -> bool:
    return file.exists() and digest(file.read_bytes(), algorithm_of(known)) == known
