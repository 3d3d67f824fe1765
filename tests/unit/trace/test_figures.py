"""The benches' result files: a missed goal is shown as missed."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.harness import record


def test_figures_are_kept_by_name_and_a_missed_goal_stays_red(tmp_path: Path) -> None:
    record("b-latency", 12.34567, "ms", 10, "lower", folder=tmp_path)
    record("a-rate", 0.5, "of the peer", 0.6, "higher", spread=(0.4, 0.7), note="two rounds", folder=tmp_path)
    assert record("a-rate", 0.7, "of the peer", 0.6, "higher", spread=(0.65, 0.75), note="again", folder=tmp_path).met
    kept = json.loads((tmp_path / "results.json").read_text())
    assert [one["name"] for one in kept] == ["a-rate", "b-latency"]
    assert kept[0]["value"] == 0.7
    assert kept[0]["spread"] == [0.65, 0.75]
    rows = (tmp_path / "results.md").read_text().splitlines()[-2:]
    assert "🟢 met | a-rate | 0.7 of the peer | ≥ 0.6 | 0.65 to 0.75" in rows[0]
    assert "🔴 **missed** | b-latency | 12.35 ms | ≤ 10" in rows[1]
