"""What a check says: one state, one sentence in each language, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from linli.kernel.errors import LinliError, Problems

OK, WARN, FAIL = "ok", "warn", "fail"
STATES = (OK, WARN, FAIL)
MARKS = {OK: "✓", WARN: "!", FAIL: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """check: the name of the thing looked at. Remedies are empty where all is well."""

    check: str
    state: str
    zh: str
    en: str
    remedy_zh: str = ""
    remedy_en: str = ""

    def text(self, language: str) -> str:
        """One line, with the remedy at its end."""
        words, remedy = (self.zh, self.remedy_zh) if language == "zh" else (self.en, self.remedy_en)
        told = "" if not remedy else f"；{remedy}" if language == "zh" else f"; {remedy}"
        return f"{MARKS[self.state]} {self.check}: {words}{told}"


Check = Callable[[], Finding]


def worst(findings: Iterable[Finding]) -> str:
    """The state of the whole."""
    return max((finding.state for finding in findings), key=STATES.index, default=OK)


def run(checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """Each check in turn. One whose object is refused elsewhere with words of its own fails with those words."""
    for name, check in checks:
        try:
            yield check()
        except Problems as problems:
            yield _refused(name, problems.problems[0])
        except LinliError as error:
            yield _refused(name, error)
        except OSError as error:
            found = f"{error.filename or ''} {error.strerror or error}".strip()
            yield Finding(name, FAIL, f"无法读取：{found}", f"can't be read: {found}", "检查权限", "look at its permissions")


def _refused(name: str, error: LinliError) -> Finding:
    found = f" ({error.place}{': ' if error.place and error.found else ''}{error.found or ''})" if error.place or error.found else ""
    return Finding(name, FAIL, error.zh + found, error.en.rstrip(".") + found, error.remedy_zh, error.remedy_en)
