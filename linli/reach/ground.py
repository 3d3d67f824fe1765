"""What lies near a point: lines sorted into square cells, the nearest of them, and which cross a barrier. Compiled by numba.

Positions in here are metres east and north of a corner, at the scale of one middle latitude; what is measured from a point is measured
at the point's own latitude.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, hypot, inf

import numpy as np
import numpy.typing as npt
from numba import njit

from linli.reach.graph import Barrier, Floats, Ints
from linli.reach.metric import Bools, degree_metres

TOUCHING = 0.1
"""Metres: a line that ends this near to a barrier ends on it, and does not cross it there."""
_CELLS = 4_000_000
_SMALLEST = 40.0

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Segments by cell: those of cell c are item[first[c]:first[c + 1]]. corner: lon, lat; scale: metres a degree; size: metres a cell."""

    corner: tuple[float, float]
    scale: tuple[float, float]
    size: float
    shape: tuple[int, int]
    first: Ints
    item: Ints
    ends: Doubles  # m × 4: x, y of both ends in metres from the corner


def grid_of(ends: Floats, scale: tuple[float, float] | None = None) -> Grid:
    """Segments given as m × 4 (lon, lat, lon, lat in degrees), sorted into cells; scale: that of another grid. O(m + cells)."""
    if len(ends) == 0:
        empty = np.zeros(2, np.int32)
        return Grid((0.0, 0.0), scale or (1.0, 1.0), 1.0, (1, 1), empty, np.zeros(0, np.int32), np.zeros((0, 4)))
    west, south = float(ends[:, [0, 2]].min()), float(ends[:, [1, 3]].min())
    east, north = float(ends[:, [0, 2]].max()), float(ends[:, [1, 3]].max())
    if scale is None:
        across, up = degree_metres((south + north) / 2)
        scale = float(across), float(up)
    width, height = (east - west) * scale[0], (north - south) * scale[1]
    size = max(_SMALLEST, (width * height / min(_CELLS, 4 * len(ends) + 16)) ** 0.5, max(width, height) / 60_000)
    shape = (int(width / size) + 1, int(height / size) + 1)
    local = (ends - np.array([west, south, west, south])) * np.array([*scale, *scale])
    first = np.zeros(shape[0] * shape[1] + 1, np.int32)
    _sort(local, size, shape[0], shape[1], first, np.zeros(0, np.int32))
    np.cumsum(first, out=first)
    item = np.empty(first[-1], np.int32)
    _sort(local, size, shape[0], shape[1], first[:-1].copy(), item)
    return Grid((west, south), scale, size, shape, first, item, local)


def segments(barriers: tuple[Barrier, ...]) -> tuple[Floats, Ints]:
    """Barriers as segments (s × 4 in degrees), and the barrier that each is of."""
    parts = [np.asarray(one.points, np.float64).reshape(-1, 2) for one in barriers]
    ends = [np.hstack([part[:-1], part[1:]]) for part in parts]
    owner = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in ends])
    return (np.vstack(ends) if ends else np.zeros((0, 4))), owner


def touched(lon: Floats, lat: Floats, barriers: tuple[Barrier, ...]) -> Ints:
    """For each point the barrier that it lies on, TOUCHING or less away, -1 for none."""
    found = np.full(len(lon), -1, np.int32)
    ends, owner = segments(barriers)
    if not len(ends) or not len(lon):
        return found
    grid, none = grid_of(ends), grid_of(np.zeros((0, 4)))
    share, far, blocked = np.zeros(len(lon)), np.zeros(len(lon)), np.zeros(len(lon), np.bool_)
    walls = (none.first, none.item, none.ends, none.size, *none.shape, 0.0, 0.0)
    east, north = degree_metres(lat)
    usable = np.ones(len(ends), np.bool_)
    nearest_lines(
        lon, lat, east, north, grid.corner, grid.scale, grid.size, grid.shape, grid.first, grid.item, grid.ends, usable, walls,
        np.zeros(0, np.bool_), TOUCHING, 0.9, found, share, far, blocked,
    )  # fmt: skip
    return np.where(found >= 0, owner[found], -1).astype(np.int32)


@njit(cache=True, nogil=True)
def _sort(ends: Doubles, size: float, width: int, height: int, place: Ints, item: Ints) -> None:
    """Without items: count segments per cell into place[c + 1]. With them: write each at place[c], which moves on."""
    counting = len(item) == 0
    for number in range(len(ends)):
        x, y, to_x, to_y = ends[number, 0], ends[number, 1], ends[number, 2], ends[number, 3]
        if to_x < x:
            x, y, to_x, to_y = to_x, to_y, x, y
        for column in range(int(x / size), min(int(to_x / size), width - 1) + 1):
            low, high = y, to_y
            if to_x > x:
                start, end = max(column * size, x), min((column + 1) * size, to_x)
                low, high = y + (to_y - y) * (start - x) / (to_x - x), y + (to_y - y) * (end - x) / (to_x - x)
            if high < low:
                low, high = high, low
            # A hair more on both sides: rounding must not lose a cell.
            bottom, top = max(floor((low - 1e-6) / size), 0), min(floor((high + 1e-6) / size), height - 1)
            for row in range(bottom, top + 1):
                cell = column * height + row
                if counting:
                    place[cell + 1] += 1
                else:
                    item[place[cell]] = number
                    place[cell] += 1


@njit(cache=True, nogil=True)
def crosses(
    x: float,
    y: float,
    to_x: float,
    to_y: float,
    first: Ints,
    item: Ints,
    ends: Doubles,
    size: float,
    width: int,
    height: int,
    passes: Bools,
) -> int:
    """The smallest barrier segment that the line crosses farther than TOUCHING from both its ends, -1 for none. passes: those it may."""
    found = -1
    length = hypot(to_x - x, to_y - y)
    if length <= 2 * TOUCHING or len(item) == 0:
        return -1
    left, right = max(floor(min(x, to_x) / size), 0), min(floor(max(x, to_x) / size), width - 1)
    bottom, top = max(floor(min(y, to_y) / size), 0), min(floor(max(y, to_y) / size), height - 1)
    for column in range(left, right + 1):
        for row in range(bottom, top + 1):
            cell = column * height + row
            for at in range(first[cell], first[cell + 1]):
                number = item[at]
                if passes[number] or (0 <= found <= number):
                    continue
                ax, ay = ends[number, 0], ends[number, 1]
                side = (to_x - x) * (ends[number, 3] - ay) - (to_y - y) * (ends[number, 2] - ax)
                if abs(side) < 1e-9:
                    continue  # along the barrier
                share = ((ax - x) * (ends[number, 3] - ay) - (ay - y) * (ends[number, 2] - ax)) / side
                along = ((ax - x) * (to_y - y) - (ay - y) * (to_x - x)) / side
                if -1e-9 <= along <= 1.0 + 1e-9 and TOUCHING < share * length < length - TOUCHING:
                    found = number
    return found


@njit(inline="always")
def _foot(x: float, y: float, wide: float, tall: float, ends: Doubles, number: int) -> tuple[float, float, float, float]:
    """The nearest place of a segment to a point: its share of the way along, how many metres off, and metres east and north."""
    ax, ay = (ends[number, 0] - x) * wide, (ends[number, 1] - y) * tall
    bx, by = (ends[number, 2] - x) * wide, (ends[number, 3] - y) * tall
    dx, dy = bx - ax, by - ay
    whole = dx * dx + dy * dy
    part = min(max(-(ax * dx + ay * dy) / whole, 0.0), 1.0) if whole > 0.0 else 0.0
    foot_x, foot_y = ax + part * dx, ay + part * dy
    return part, hypot(foot_x, foot_y), foot_x, foot_y


@njit(cache=True, nogil=True)
def nearest_lines(
    lon: Doubles,
    lat: Doubles,
    east: Doubles,
    north: Doubles,
    corner: tuple[float, float],
    scale: tuple[float, float],
    size: float,
    shape: tuple[int, int],
    first: Ints,
    item: Ints,
    ends: Doubles,
    usable: Bools,
    walls: tuple[Ints, Ints, Doubles, float, int, int, float, float],
    passes: Bools,
    most: float,
    slack: float,
    link: Ints,
    share: Doubles,
    leg: Doubles,
    blocked: Bools,
) -> None:
    """For each point the nearest usable segment whose straight leg crosses no barrier, the smallest of those equally near; in cells
    around the point, farther and farther out. slack: how much shorter than at the middle latitude a metre may be here (at most 1).
    """
    width, height = shape
    wall_first, wall_item, wall_ends, wall_size, wall_width, wall_height, wall_x, wall_y = walls
    for point in range(len(lon)):
        x, y = (lon[point] - corner[0]) * scale[0], (lat[point] - corner[1]) * scale[1]
        # From metres of the grid to metres at the point's own latitude.
        wide, tall = east[point] / scale[0], north[point] / scale[1]
        column, row = floor(x / size), floor(y / size)
        best, chosen, ring = inf, -1, 0
        while (ring - 1) * size * slack <= min(best, most):
            for i in range(max(column - ring, 0), min(column + ring, width - 1) + 1):
                step = 1 if abs(i - column) == ring else max(2 * ring, 1)
                for j in range(row - ring, row + ring + 1, step):
                    if j < 0 or j >= height:
                        continue
                    cell = i * height + j
                    for at in range(first[cell], first[cell + 1]):
                        number = item[at]
                        if not usable[number]:
                            continue
                        part, far, foot_x, foot_y = _foot(x, y, wide, tall, ends, number)
                        if far > most or far > best or (far == best and number >= chosen):
                            continue
                        end_x, end_y = x + foot_x / wide, y + foot_y / tall
                        if crosses(
                            *(x - wall_x, y - wall_y, end_x - wall_x, end_y - wall_y),
                            *(wall_first, wall_item, wall_ends, wall_size, wall_width, wall_height, passes),
                        ) >= 0:  # fmt: skip
                            blocked[point] = True
                            continue
                        best, chosen = far, number
                        share[point] = part
            ring += 1
        link[point] = chosen
        leg[point] = best


@njit(cache=True, nogil=True)
def crossed_by(
    lines: Doubles, first: Ints, item: Ints, ends: Doubles, size: float, width: int, height: int, level: Ints, levels: Ints, found: Ints
) -> None:
    """For each line the barrier segment of its own level that it crosses, -1 for none."""
    passes = np.zeros(len(ends), np.bool_)
    for line in range(len(lines)):
        found[line] = -1
        hit = crosses(lines[line, 0], lines[line, 1], lines[line, 2], lines[line, 3], first, item, ends, size, width, height, passes)
        if hit < 0:
            continue
        if levels[hit] == level[line]:
            found[line] = hit
            continue
        # Rare: the first barrier met is on another level, so look on without those.
        other = levels != level[line]
        found[line] = crosses(lines[line, 0], lines[line, 1], lines[line, 2], lines[line, 3], first, item, ends, size, width, height, other)
