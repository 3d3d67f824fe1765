"""Every act of people and every decision of the system is an append-only fact, chained by hashes; reactions read it.

    with act(viewer, key="import-2026-11") as a:
        resident.save()
        a.record(RESIDENT_REGISTERED, subject=f"resident:{resident.uid}", payload={...}, rows=[resident])

Rows, facts and the jobs of their reactions commit together or not at all. Payloads hold opaque ids or ciphertext only.
"""

from linli.trace.acts import Act, AlreadyDone, KeyReusedError, act
from linli.trace.bulk import Bulk, bulk_act
from linli.trace.facts import FactType
from linli.trace.reactions import reaction

__all__ = ["Act", "AlreadyDone", "Bulk", "FactType", "KeyReusedError", "act", "bulk_act", "reaction"]
