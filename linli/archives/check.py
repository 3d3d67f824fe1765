"""Check an archive: every file against the manifest, every fact against its hash. Needs Python 3.9 or newer and nothing else.

    python3 check.py            in the unpacked folder
    python3 check.py FOLDER

A copy of this file lies in each archive. It says that nothing was changed since the export; that the export is this city's own says
`linli archive verify`, which compares the hashes with the chains, or anybody who was told the manifest's digest.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MANIFEST = "manifest.sha256"


def problems_of(folder: Path) -> Iterator[str]:
    """What is wrong with an unpacked archive, line by line; nothing for a sound one."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        yield f"{MANIFEST}: missing"
        return
    known = {MANIFEST}
    for line in manifest.read_text("utf-8").splitlines():
        wanted, _, name = line.partition("  ")
        known.add(name)
        path = folder / name
        if not path.is_file():
            yield f"{name}: missing"
        elif _sha256(path) != wanted:
            yield f"{name}: changed"
        elif path.name == "facts.jsonl":
            for number, fact in enumerate(path.read_text("utf-8").splitlines(), 1):
                if not fact_holds(json.loads(fact)):
                    yield f"{name}:{number}: the hash is not that of this fact"
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known:
            yield f"{name}: not in the manifest"


def fact_holds(fact: dict[str, Any]) -> bool:
    """Whether hash = H(hash of the fact before, newline, content)."""
    algorithm, _, _ = fact["hash"].partition(":")
    data = fact["previous"].encode() + b"\n" + fact["content"].encode()
    return bool(fact["hash"] == algorithm + ":" + hashlib.new(algorithm, data).hexdigest())


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**18):
            found.update(block)
    return found.hexdigest()


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    found = list(problems_of(folder))
    for problem in found:
        print(problem)
    digest = _sha256(folder / MANIFEST) if (folder / MANIFEST).is_file() else "-"
    print(f"manifest sha256:{digest}: " + ("sound" if not found else f"{len(found)} problems"))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
