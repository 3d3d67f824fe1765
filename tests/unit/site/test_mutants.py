"""What scripts/mutants breaks is still in the code, once each, and the tests that should notice are still there."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[3]


def mutants() -> ModuleType:
    spec = spec_from_loader("mutants", SourceFileLoader("mutants", str(ROOT / "scripts" / "mutants")))
    assert spec is not None
    assert spec.loader is not None
    found = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_every_mutant_changes_one_place_and_has_its_proof() -> None:
    found = mutants()
    assert {one.proof for one in found.MUTANTS} == set(found.PROOFS)
    for one in found.MUTANTS:
        assert (ROOT / one.file).read_text("utf-8").count(one.old) == 1, one.name
        assert one.old != one.new
    for proof in found.PROOFS.values():
        for name in proof:
            file, _, test = name.partition("::")
            assert not test or f"def {test}(" in (ROOT / file).read_text("utf-8"), name
