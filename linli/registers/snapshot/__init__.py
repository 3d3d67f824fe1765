"""The registers as rules read them: the whole city on a day as Parquet, or a few people now."""

from linli.registers.snapshot.files import MANIFEST, SnapshotInfo, digest_of_files, read, write
from linli.registers.snapshot.live import Family, facts_for, organisation_facts

__all__ = ["MANIFEST", "Family", "SnapshotInfo", "digest_of_files", "facts_for", "organisation_facts", "read", "write"]
