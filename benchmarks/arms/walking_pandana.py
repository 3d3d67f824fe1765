"""pandana's arm: nearest places, counts or the k nearest over a made city, from files of arrays to files of arrays.

Run in the environment `pandana`: python walking_pandana.py FOLDER nearest|counts|several LIMIT K. A round builds the network anew,
because that is part of what is compared. FOLDER holds city.npz (see benchmarks/streets.py) and receives the answers of the last round.
Lengths are whole decimetres, so that pandana's own integers (thousandths of them) hold the same distances.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from rounds import cpu_seconds, serve


def main() -> None:
    """Serves rounds; what is imported before the first is not counted."""
    out = os.dup(1)
    os.dup2(2, 1)  # what pandana's own code prints is no answer
    sys.stdout = os.fdopen(out, "w")
    import pandana
    import pandas as pd

    folder, asked, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    k = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    queries = {"nearest": _nearest, "several": _nearest, "counts": _counts}[asked]

    def once() -> dict[str, float]:
        city = np.load(folder / "city.npz")
        places = {name.removeprefix("places "): city[name] for name in city.files if name.startswith("places ")}
        x, y = pd.Series(city["x"]), pd.Series(city["y"])
        u, v = pd.Series(city["u"].astype(np.int64)), pd.Series(city["v"].astype(np.int64))
        before = cpu_seconds()
        network = pandana.Network(x, y, u, v, pd.DataFrame({"length": city["length"].astype(float)}))
        _prepare(network, asked, places, x, y, limit, k)
        building = cpu_seconds() - before
        answers = queries(network, places, limit, k)
        querying = cpu_seconds() - before - building
        np.save(folder / "pandana.npy", np.stack(answers))
        return {"build": building, "queries": querying}

    serve(once)


def _prepare(network: Any, asked: str, places: dict[str, Any], x: Any, y: Any, limit: int, k: int) -> None:
    if asked == "counts":
        network.precompute(limit)
        for name, corners in places.items():
            network.set(network.node_idx.iloc[corners].reset_index(drop=True), name=name)
        return
    for name, corners in places.items():
        network.set_pois(name, limit, k, x.iloc[corners], y.iloc[corners])


def _nearest(network: Any, places: dict[str, Any], limit: int, k: int) -> list[Any]:
    return [network.nearest_pois(limit, name, num_pois=k, max_distance=-1).to_numpy() for name in places]


def _counts(network: Any, places: dict[str, Any], limit: int, k: int) -> list[Any]:
    return [network.aggregate(limit, type="count", name=name).to_numpy() for name in places]


if __name__ == "__main__":
    main()
