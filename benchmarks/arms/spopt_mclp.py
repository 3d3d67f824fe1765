"""spopt's arm of the siting benchmark, in the environment `spopt`: python spopt_mclp.py FOLDER RADIUS PLACES.

From distances to the optimum: the model is built and solved anew in each round, by the solver that spopt's users have, PuLP's CBC.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from rounds import serve


def main() -> None:
    """Serves rounds. `cpu` counts the solver too, which is a process of its own."""
    import pulp
    from spopt.locate import MCLP

    folder, radius, places = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    distances, residents = np.load(folder / "distances.npy"), np.load(folder / "residents.npy")

    def once() -> dict[str, float]:
        begun, at = _cpu(), time.perf_counter()
        model = MCLP.from_cost_matrix(distances, residents, service_radius=radius, p_facilities=places)
        built = _cpu()
        model.solve(pulp.PULP_CBC_CMD(msg=False), results=False)
        covered = round(model.problem.objective.value())
        return {"covered": covered, "cpu": _cpu() - begun, "solving": _cpu() - built, "wall": time.perf_counter() - at}

    serve(once)


def _cpu() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usages)


if __name__ == "__main__":
    main()
