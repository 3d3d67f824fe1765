"""How a city sends its notices: when it is quiet, how often a failed one is tried again, when a mailing needs an officer's hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError, Place

FILE = "notices.yaml"


@dataclass(frozen=True, slots=True)
class Manners:
    """quiet_from, quiet_to: Shanghai time, may span midnight; retry_minutes: pause before each further attempt;
    hold_above: a mailing to more people than this waits for an officer."""

    quiet_from: time
    quiet_to: time
    retry_minutes: tuple[int, ...]
    hold_above: int

    def is_quiet(self, moment: datetime) -> bool:
        """Whether nothing but what is urgent goes out at this moment."""
        clock = moment.astimezone(SHANGHAI).time()
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= clock < self.quiet_to
        return clock >= self.quiet_from or clock < self.quiet_to

    def next_civil(self, moment: datetime) -> datetime:
        """The moment itself, or the end of the quiet hours that it lies in."""
        if not self.is_quiet(moment):
            return moment
        local = moment.astimezone(SHANGHAI)
        morning = local.replace(hour=self.quiet_to.hour, minute=self.quiet_to.minute, second=0, microsecond=0)
        return morning if morning > local else morning + timedelta(days=1)

    def pause(self, attempts: int) -> timedelta | None:
        """How long to wait after this many failed attempts; None when it was the last."""
        return timedelta(minutes=self.retry_minutes[attempts - 1]) if attempts <= len(self.retry_minutes) else None


def manners() -> Manners:
    """Those of the installation's city, from notices.yaml in its folder."""
    path = Path(settings.LINLI_CITY) / FILE
    if not path.exists():
        raise _wrong(path, "the file", "no file")
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _changed_ns: int) -> Manners:
    try:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        quiet = document["quiet_hours"]
        minutes = tuple(int(pause) for pause in document["retry_minutes"])
        made = Manners(time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"]), minutes, int(document["hold_above"]))
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise _wrong(path, "quiet_hours {from, to}, retry_minutes, hold_above", f"{type(error).__name__}: {error}") from None
    if made.quiet_from == made.quiet_to or made.hold_above < 0 or any(pause < 1 for pause in minutes):
        raise _wrong(path, "two different times, pauses of a minute or more, hold_above of 0 or more", "other values")
    return made


def _wrong(path: Path, expected: str, found: str) -> LinliError:
    return LinliError(
        "notices.bad_manners",
        zh="通知规则文件不正确",
        en="The file that says how notices are sent is malformed.",
        place=Place(file=str(path)),
        expected=expected,
        found=found.replace("\n", " "),
        remedy_zh="对照 cities/yuncheng/notices.yaml 修改",
        remedy_en="compare it with cities/yuncheng/notices.yaml",
    )
