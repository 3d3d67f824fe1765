"""Linli's arm: all rules over the people, every verdict, condition, missing fact and amount written to a file.

python -m benchmarks.arms.screen RULES_FOLDER PEOPLE AS_OF OUT [HOUSEHOLDS]. The rules
are loaded before the first round, as in a running service.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from benchmarks.arms.rounds import serve
from benchmarks.rulesets import load_rules
from linli.rules import evaluate_to_files


def main() -> None:
    """Serves rounds."""
    folder, people, as_of, out, *households = sys.argv[1:]
    rules = load_rules(Path(folder))

    def once() -> dict[str, int]:
        written = evaluate_to_files(rules, people, out, as_of=date.fromisoformat(as_of), households=households[0] if households else None)
        return {"rows": sum(file.rows for file in written)}

    serve(once)


if __name__ == "__main__":
    main()
