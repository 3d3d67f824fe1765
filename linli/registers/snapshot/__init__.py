"""The registers as rules read them: the whole city on a day as Parquet, or a few people now."""

from linli.registers.snapshot.coverage import may_be_asked
from linli.registers.snapshot.files import MANIFEST, SnapshotInfo, digest_of_files, read, write
from linli.registers.snapshot.live import Family, Reach, facts_for, organisation_facts, organisation_frame
from linli.registers.snapshot.provenance import Provenance, Since, provenance_of

__all__ = [
    "MANIFEST",
    "Family",
    "Provenance",
    "Reach",
    "Since",
    "SnapshotInfo",
    "digest_of_files",
    "facts_for",
    "may_be_asked",
    "organisation_facts",
    "organisation_frame",
    "provenance_of",
    "read",
    "write",
]
