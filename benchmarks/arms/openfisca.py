"""OpenFisca's arm: the seven formulas of its country template for January 2018, from files of arrays to files of arrays.

Run in the environment `openfisca`: python openfisca.py FOLDER. A round builds a new simulation, because a simulation remembers what
it calculated. FOLDER holds the inputs as .npy (see benchmarks/openfisca_inputs.py) and receives the answers of the last round.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from rounds import cpu_seconds, serve

MONTH, YEAR = "2018-01", "2018"
PERSON = ("basic_income", "income_tax", "social_security_contribution")
HOUSEHOLD = ("household_income", "parenting_allowance", "housing_tax", "disposable_income")


def main() -> None:
    """Serves rounds. A round reads the inputs and writes the answers, as Linli's does; the tax system is loaded before the first."""
    from openfisca_country_template import CountryTaxBenefitSystem

    folder = Path(sys.argv[1])
    files = [file for file in folder.glob("*.npy") if not file.stem.startswith("answer")]
    system = CountryTaxBenefitSystem()

    def once() -> dict[str, float]:
        inputs = {file.stem: np.load(file) for file in files}
        simulation = _simulation(system, inputs)
        before = cpu_seconds()
        answers = {name: simulation.calculate(name, YEAR if name == "housing_tax" else MONTH) for name in (*PERSON, *HOUSEHOLD)}
        calculating = cpu_seconds() - before
        for name, answer in answers.items():
            np.save(folder / f"answer-{name}.npy", answer)
        return {"calculating": calculating}

    serve(once)


def _simulation(system: Any, inputs: dict[str, Any]) -> Any:
    from openfisca_core.simulation_builder import SimulationBuilder

    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(len(inputs["salary"])))
    household = builder.declare_entity("household", np.arange(len(inputs["accommodation_size"])))
    builder.join_with_persons(household, inputs["household"], inputs["role"])
    simulation = builder.build(system)
    simulation.set_input("birth", "ETERNITY", inputs["birth"])
    for name in ("salary", "capital_returns", "accommodation_size", "housing_occupancy_status"):
        simulation.set_input(name, MONTH, inputs[name])
    return simulation


if __name__ == "__main__":
    main()
