"""Points on a network: where a home or a place joins the nearest link, and how far it is from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from linli.reach.graph import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Snapped:
    """Points joined to links, all arrays of one length.

    link: place in the graph's links, -1 where the point could not be joined. from_u, from_v: decimetres along the link to its ends,
    together its length. leg: decimetres straight from the point to the link; both legs of a way count. why: a small number per point
    that could not be joined, 0 elsewhere. ids: how its source calls each point, where it does.
    """

    link: Ints
    from_u: Ints
    from_v: Ints
    leg: Ints
    why: npt.NDArray[np.int8]
    ids: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.link)
