"""Run every benchmark of this folder, or the one that is named."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

NOT_BENCHMARKS = {"__init__", "__main__", "harness"}


def names() -> list[str]:
    """The benchmarks that have a `run()`, by the name of their file with hyphens."""
    files = sorted(path for path in Path(__file__).parent.glob("*.py") if path.stem not in NOT_BENCHMARKS)
    return [path.stem.replace("_", "-") for path in files if "\ndef run(" in path.read_text()]


def main() -> None:
    """Run them one after another, each in this process; an unknown name ends with the list of known ones."""
    asked = sys.argv[1:] or names()
    if unknown := sorted(set(asked) - set(names())):
        sys.exit(f"no benchmark {', '.join(unknown)}; there are: {', '.join(names())}")
    for name in asked:
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name.replace('-', '_')}").run()


if __name__ == "__main__":
    main()
