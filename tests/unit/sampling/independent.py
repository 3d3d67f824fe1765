"""A draw recomputed from docs/draws.md alone, with Python's standard library: shares no line with linli.sampling."""

import hashlib
import hmac
import json
import pathlib
import sys
from typing import Any


def recompute(text: str) -> dict[str, Any]:
    """What the file's `result` must be; an AssertionError where digest, commitments or times don't fit."""
    file = json.loads(text)
    frozen, reveals, name = file["frozen"], file["reveals"], file["frozen"]["algorithm"]

    def hashed(purpose: str, value: Any) -> str:
        body = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return name + ":" + hashlib.new(name, f"{purpose}\n{body}".encode()).hexdigest()

    def keyed(*parts: str) -> bytes:
        return hmac.new(bytes.fromhex(seed.split(":")[1]), "\n".join(parts).encode("ascii"), name).digest()

    secrets = {one["department"]: one["secret"] for one in reveals}
    assert hashed("linli-draw-list.1", frozen) == file["digest"], "list"
    for one in frozen["commitments"]:
        body = {key: one[key] for key in ("department", "length", "salt")} | {"draw": frozen["draw"], "secret": secrets[one["department"]]}
        assert one["digest"] == hashed("linli-draw-commitment.1", body), one["department"]
        assert one["at"] < frozen["at"], "times"
    assert all(frozen["at"] < one["at"] <= frozen["reveal_by"] for one in reveals), "times"
    numbers = file["outcome"] and file["outcome"]["numbers"]
    seed = hashed("linli-draw-seed.1", {"digest": file["digest"], "secrets": secrets, "numbers": numbers})
    by_condition, drawn = [item["id"] for item in frozen["items"] if item["reasons"]], {}
    for code, how in frozen["strata"].items():
        ids = [item["id"] for item in frozen["items"] if item["stratum"] == code and not item["reasons"]]
        top, bottom = how["rate"] or (0, 1)
        size = min(how["count"], len(ids)) if how["rate"] is None else (len(ids) * top + bottom - 1) // bottom
        drawn[code] = sorted(ids, key=lambda one, code=code: keyed("linli-draw-order.1", code, one))[:size]
    cycle = assignments = None
    if cross := frozen["cross_review"]:
        cycle = sorted(cross["counties"], key=lambda one: keyed("linli-draw-cycle.1", one))
        chosen = {*by_condition, *(one for ids in drawn.values() for one in ids)}
        files = [item for item in frozen["items"] if cross["files"] == "all" or item["id"] in chosen]
        assignments = {item["id"]: cycle[(cycle.index(item["county"]) + 1) % len(cycle)] for item in files}
    return {"seed": seed, "by_condition": by_condition, "drawn": drawn, "cycle": cycle, "assignments": assignments}


if __name__ == "__main__":
    content = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    sys.exit(0 if recompute(content) == json.loads(content)["result"] else 1)
