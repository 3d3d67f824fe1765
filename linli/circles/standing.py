"""The network in use, loaded once in a process, with what every profile needs of it; networks at a moment are kept by their shut gates."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import UUID

from django.conf import settings

from linli.circles.acts.networks import network_file
from linli.circles.models import NetworkVersion
from linli.circles.reckoning.figures import Scene, Walks
from linli.circles.reckoning.walks import Grounds, grounds_of
from linli.kernel.errors import LinliError, Place
from linli.kernel.workdays import Workdays, workdays
from linli.reach.network import Network, network_of, shut_gates
from linli.reach.profiles import profile
from linli.reach.snapshot import load

MOST_NETWORKS = 24
"""How many networks are kept: three profiles, with the few sets of gates that are shut at the same time in a week."""
_lock = RLock()
_standing: list[Standing] = []


@dataclass(eq=False)
class Standing:
    """version: the network's row; grounds: its graph, ready for snapping. kept: what others keep beside it, gone with it."""

    version: NetworkVersion
    grounds: Grounds
    kept: dict[Any, Any] = field(default_factory=dict)
    scene: tuple[UUID, Scene, Walks] | None = None
    _networks: dict[tuple[str, frozenset[str]], Network] = field(default_factory=dict)

    def network(self, name: str, at: datetime | None = None) -> Network:
        """The network of a profile at a moment; without a moment gates with hours count as open. O(links) the first time."""
        shut = frozenset(shut_gates(self.grounds.graph, at=at, calendar=calendar()))
        with _lock:
            if (name, shut) not in self._networks:
                while len(self._networks) >= MOST_NETWORKS:
                    self._networks.pop(next(iter(self._networks)))
                self._networks[name, shut] = network_of(self.grounds.graph, profile(name), at=at, calendar=calendar())
            return self._networks[name, shut]

    def keep_scene(self, run: UUID, scene: Scene, walks: Walks) -> None:
        """What the newest computation went by, for the questions that come after it."""
        with _lock:
            self.scene = (run, scene, walks)

    def scene_for(self, run: UUID, make: Callable[[], tuple[Scene, Walks]]) -> tuple[Scene, Walks]:
        """What a computation went by: as it was kept, or made again where another process computed."""
        with _lock:
            if self.scene is None or self.scene[0] != run:
                self.scene = (run, *make())
            return self.scene[1:]

    def keep(self, key: Any, make: Callable[[], Any], *, instead_of: Collection[Any] = ()) -> Any:
        """What make() gives, once for this network and key; what was kept under `instead_of` goes."""
        with _lock:
            if key not in self.kept:
                for old in instead_of:
                    self.kept.pop(old, None)
                self.kept[key] = make()
            return self.kept[key]

    def keep_for(self, run: UUID, what: Any, make: Callable[[], Any]) -> Any:
        """What make() gives, once for a computation; what was kept under that name for another computation goes."""
        known = self.kept.get((what, run))
        made = known if known is not None else make()  # outside of the lock: others may go on meanwhile
        old = [key for key in self.kept.copy() if isinstance(key, tuple) and key[0] == what and key[1] != run]
        return self.keep((what, run), lambda: made, instead_of=old)


def version() -> NetworkVersion | None:
    """The network in use, None where none was taken into use. One query."""
    return NetworkVersion.objects.order_by("-since", "-id").first()


def standing() -> Standing | None:
    """The network in use as this process keeps it; None where there is none. One query; the file is read when another is in use.

    LinliError where its file is gone from the state folder.
    """
    row = version()
    if row is None:
        return None
    with _lock:
        known = next((one for one in _standing if one.version.digest == row.digest), None)
        if known is None:
            known = Standing(row, grounds_of(_loaded(row)))
            _standing[:] = [known]
        return known


def required() -> Standing:
    """The same; LinliError where no network is in use."""
    found = standing()
    if found is None:
        raise LinliError(
            "circles.no_network",
            zh="还没有启用步行路网",
            en="No walking network is in use.",
            remedy_zh="执行 linli city network 文件.osm.pbf，或 linli circles network 文件.reach",
            remedy_en="run linli city network FILE.osm.pbf, or linli circles network FILE.reach",
        )
    return found


def calendar() -> Workdays:
    """The city's working days."""
    return workdays(Path(settings.LINLI_CITY))


def _loaded(row: NetworkVersion) -> Any:
    path = network_file(row.digest)
    if not path.is_file():
        raise LinliError(
            "circles.network_lost",
            zh="步行路网的文件不在状态文件夹里",
            en="The file of the walking network isn't in the state folder.",
            place=Place(file=str(path)),
            remedy_zh="从备份恢复 networks 文件夹，或重新启用路网",
            remedy_en="restore the folder networks from a backup, or take the network into use again",
        )
    return load(path)


def forget() -> None:
    """Nothing is kept in this process any more."""
    with _lock:
        _standing.clear()
