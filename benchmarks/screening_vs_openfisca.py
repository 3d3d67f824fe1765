"""screening-vs-openfisca: seven formulas of OpenFisca's country template, by Linli and by OpenFisca, over the same generated people.

Both go from files to files, uncompressed and in the page cache, each in the form that costs it least: Linli reads Parquet and writes
every verdict, condition, missing fact and amount; OpenFisca, in its own environment, reads and writes arrays and writes the seven
answers alone. The figures are how many times Linli's CPU OpenFisca takes. Before that, every amount of
both is compared with the amount in exact integers: Linli must equal it always. OpenFisca's numbers have 24 binary digits, so it can't.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.apart import Arm, environment
from benchmarks.harness import record
from benchmarks.openfisca_inputs import prepared

RULES = Path(__file__).parent / "openfisca"
DAY = date(2018, 1, 1)
GOALS = {1_000_000: 2.0, 5_000_000: 3.0}
ROUNDS = {1_000_000: 7, 5_000_000: 3}
PARTS = 1200
BRACKETS = ((0, 2), (600_000, 6), (1_240_000, 12))
Integers = npt.NDArray[np.int64]


def run() -> None:
    """1,000,000 people, then 5,000,000."""
    for residents, goal in GOALS.items():
        _compare(prepared(residents), residents, goal)


def _compare(folder: Path, residents: int, goal: float) -> None:
    python, peer = environment("openfisca"), Path(__file__).parent / "arms" / "openfisca.py"
    people, homes = folder / "people.parquet", folder / "households.parquet"
    with (
        tempfile.TemporaryDirectory() as out,
        Arm(sys.executable, "-m", "benchmarks.arms.screen", RULES, people, DAY.isoformat(), out, homes) as linli,
        Arm(python, peer, folder) as openfisca,
    ):
        linli.once(), openfisca.once()
        rounds = [(linli.once(), openfisca.once()) for _ in range(ROUNDS[residents])]
        inexact = check_answers(folder, Path(out))
    ratios = [theirs["cpu"] / ours["cpu"] for ours, theirs in rounds]
    ours, theirs = (statistics.median(one[arm]["cpu"] for one in rounds) for arm in (0, 1))
    calculating = statistics.median(one[1]["calculating"] for one in rounds)
    memory = [rounds[-1][arm]["peak_mib"] for arm in (0, 1)]
    note = (
        f"{ours:.2f} s of CPU beside {theirs:.2f} s (of which {calculating:.2f} s in calculate()); peak memory {memory[0]:.0f} MiB beside "
        f"{memory[1]:.0f} MiB; all our amounts exact, {inexact:.1%} of OpenFisca's disposable incomes off by a cent or more"
    )
    name = "screening-vs-openfisca" if residents == 1_000_000 else "screening-vs-openfisca-5m"
    record(name, theirs / ours, "× faster than OpenFisca", goal, "higher", spread=(min(ratios), max(ratios)), note=note)


def check_answers(folder: Path, out: Path) -> float:
    """Stops unless every amount of Linli is exact, and OpenFisca agrees up to its precision; the share of its disposable incomes off."""
    exact, share = exact_amounts(folder), 0.0
    for name, wanted in exact.items():
        file = out / ("person.amounts.arrow" if len(wanted) == len(exact["basic_income"]) else "household.amounts.arrow")
        due = pl.scan_ipc(file).filter(pl.col("rule").cast(pl.String) == name).select("row", "amount_fen").collect()
        amounts = np.zeros(len(wanted), dtype=np.int64)
        amounts[due["row"].to_numpy()] = due["amount_fen"].to_numpy()
        if not np.array_equal(amounts, wanted):
            raise SystemExit(f"{name}: {np.count_nonzero(amounts != wanted)} of {len(wanted)} amounts are not the exact ones")
        theirs = np.load(folder / f"answer-{name}.npy").astype(np.float64) * 100
        off = np.abs(theirs - wanted)
        if off.max() > np.maximum(1.0, np.abs(wanted) * 1e-5).max():
            raise SystemExit(f"{name}: OpenFisca is {off.max():.0f} fen away: the rule doesn't say the same")
        share = float(np.mean(np.rint(theirs) != wanted))
        print(
            f"  {name}: {len(wanted):,} of {len(wanted):,} amounts exact; OpenFisca differs in {share:.3%}, by at most {off.max():.1f} fen"
        )
    return share


def exact_amounts(folder: Path) -> dict[str, Integers]:
    """The template's formulas in whole numbers of 1/1200 fen, which holds a percent and a twelfth; rounded once, half away from zero."""
    people, homes = pl.read_parquet(folder / "people.parquet"), pl.read_parquet(folder / "households.parquet")
    place, count = people["household_id"].to_numpy(), homes.height

    def total(values: npt.NDArray) -> Integers:
        found = np.zeros(count, dtype=np.int64)
        np.add.at(found, place, values)
        return found

    age = _ages(people["birth_date"].to_numpy())
    salary, returns = people["salary"].to_numpy(), people["capital_returns"].to_numpy()
    pension, basic = 100 * (age >= 62), 60_000 * (age >= 18)
    tax = (salary + returns + pension) * 15
    scale = [*BRACKETS, (10**12, 0)]
    contribution = sum(np.clip(salary - scale[i][0], 0, scale[i + 1][0] - scale[i][0]) * scale[i][1] for i in range(len(BRACKETS)))
    income, adults = total(salary), total(np.load(folder / "role.npy") == 0)
    poor = (income <= 50_000) & (((adults == 1) & (total(age < 8) > 0)) | (total(age < 6) > 0))
    taxed = homes["housing_occupancy_status"].is_in(["owner", "tenant"]).to_numpy()
    housing = taxed * np.maximum(homes["accommodation_size"].to_numpy() * 1000, 20_000)
    whole = total(salary + returns + pension + basic) + 60_000 * poor
    disposable = whole * PARTS - total(tax + contribution) * (PARTS // 100) - housing * (PARTS // 12)
    return {
        "basic_income": basic,
        "income_tax": _rounded(tax, 100),
        "social_security_contribution": _rounded(np.asarray(contribution), 100),
        "household_income": income,
        "parenting_allowance": 60_000 * poor,
        "housing_tax": housing,
        "disposable_income": _rounded(disposable, PARTS),
    }


def _ages(birth: npt.NDArray) -> Integers:
    """Completed years on 1 January: born on that very day or in an earlier year."""
    year = birth.astype("datetime64[Y]")
    later = birth > year.astype("datetime64[D]")
    return np.asarray(DAY.year - (year.astype(np.int64) + 1970) - later, dtype=np.int64)


def _rounded(parts: Integers, one: int) -> Integers:
    return np.asarray(np.sign(parts) * ((np.abs(parts) * 2 + one) // (2 * one)), dtype=np.int64)
