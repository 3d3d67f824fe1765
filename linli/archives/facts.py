"""What is recorded of an archive that left the house: the digest of its manifest, which stands for every file in it."""

from __future__ import annotations

from linli.trace import FactType
from linli.trace.payload import COUNT, TEXT, UID, exactly

CASE_EXPORTED = FactType(
    "archives.case_exported",
    version=1,
    schema=exactly(case=UID, files=COUNT, manifest=TEXT),
    zh="导出一户一档",
    en="case exported as an archive",
)
BATCH_EXPORTED = FactType(
    "archives.batch_exported",
    version=1,
    schema=exactly(batch=UID, cases=COUNT, files=COUNT, manifest=TEXT),
    zh="导出批次档案",
    en="batch exported as an archive",
)
OWN = (CASE_EXPORTED.name, BATCH_EXPORTED.name)
"""Left out of the history in an archive: the same case exported twice is the same folder."""
