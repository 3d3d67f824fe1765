"""Official letters of a case: numbered, sealed under the person's key, set as PDF on request, verified by anybody who holds one."""

from linli.casework.letters.acts import issue_letter
from linli.casework.letters.queries import working_days_until

__all__ = ["issue_letter", "working_days_until"]
