"""The last step to the optimum: what the prices have left open goes to an exact solver (HiGHS, by scipy), if it is small enough."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, identity

from linli.reach.graph import Longs
from linli.reach.metric import Bools
from linli.reach.siting.cover import Merged

QUICK = 4_000  # pairs of what is left open: up to here the proof takes about a second
NEAR = 30_000  # the same where the bound is nearly met
ABLE = 500_000  # beyond, even the first relaxation takes many minutes
_NODES = 2_000
_ROUNDING = 1e-6  # HiGHS keeps constraints to this


def solved(
    merged: Merged, cost: Longs, usable: Bools, *, places: int, budget: int, seconds: float | None
) -> tuple[Bools | None, int, bool]:
    """The best choice among the usable candidates; what none exceeds; whether `seconds` ended the search, so that another run may differ.

    None: nothing was found. Without `seconds` it ends after a fixed number of nodes, and every run gives the same.
    """
    many, groups = len(usable), len(merged.weight)
    pairs = csr_array((np.ones(len(merged.candidate)), merged.candidate, merged.back), shape=(groups, many))
    rows = [LinearConstraint(hstack([-pairs, identity(groups)]).tocsr(), -np.inf, 0)]
    rows.append(LinearConstraint(np.append(np.ones(many), np.zeros(groups))[None, :], 0, places))
    if cost.any():
        rows.append(LinearConstraint(np.append(cost, np.zeros(groups))[None, :] / cost.max(), 0, budget / cost.max()))
    options: dict[str, float] = {"node_limit": _NODES, "mip_rel_gap": 0.9 / max(int(merged.weight.sum()), 1)}
    if seconds is not None:
        options["time_limit"] = seconds
    answer = milp(
        np.append(np.zeros(many), -merged.weight.astype(float)),
        integrality=np.append(np.ones(many), np.zeros(groups)),
        bounds=Bounds(0, np.append(usable.astype(float), np.ones(groups))),
        constraints=rows,
        options=options,
    )
    bound = getattr(answer, "mip_dual_bound", None)
    most = int(merged.weight.sum()) if bound is None else int(np.floor(-bound * (1 + _ROUNDING) + _ROUNDING))
    limited = seconds is not None and answer.status == 1
    if answer.x is None:
        return None, most, limited
    return np.asarray(answer.x[:many] > 0.5), most, limited
