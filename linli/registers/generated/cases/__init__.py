"""The kinds of planted case, one module for each family of programmes."""

from linli.registers.generated.cases import children_and_students, elders, incomes, work
from linli.registers.generated.planted import Case, one_each

CASES: tuple[Case, ...] = tuple(
    one_each(
        children_and_students.STUDENT_AID,
        children_and_students.REHABILITATION,
        elders.PAIRING,
        elders.HOME_ADAPTATION,
        incomes.SUBSISTENCE,
        work.STARTUP_LOAN,
        work.HARD_TO_EMPLOY,
    )
)

__all__ = ["CASES"]
