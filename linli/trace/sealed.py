"""Columns that hold ciphertexts, and whose key opens them: a key that was deleted or destroyed behind the system is found.

A later stage declares its columns in its facts.py. Erasure destroys a person's key and empties these columns in one act, so a
ciphertext without its key is never the system's own doing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from django.db import models
from psycopg import sql

from linli.trace.findings import Finding
from linli.trace.verify import stream
from linli.vault.files.checking import faults

_registry: dict[str, _Sealed] = {}
# A ciphertext begins with the suite and the number of the person's key: "<suite>.<generation>:".
_LOST = """
SELECT row.{key}::text, string_agg(DISTINCT lost.key, ', ')
FROM {table} AS row
CROSS JOIN LATERAL (
    SELECT DISTINCT split_part(cipher, ':', 1) AS key FROM unnest(ARRAY[{ciphers}]) AS cipher WHERE cipher <> ''
) AS lost
WHERE NOT EXISTS (
    SELECT FROM vault_personkey AS held
    WHERE held.subject = row.{subject} AND held.suite || '.' || held.generation = lost.key AND held.wrapped IS NOT NULL
)
GROUP BY row.{key}
ORDER BY row.{key}
"""


@dataclass(frozen=True, slots=True)
class _Sealed:
    model: type[models.Model]
    subject: str
    ciphers: tuple[str, ...]


def sealed(model: type[models.Model], *, subject: str, ciphers: tuple[str, ...]) -> None:
    """Declare columns that hold ciphertexts under the key of the uid in the field `subject`."""
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
    _registry[model._meta.label_lower] = _Sealed(model, columns[subject], tuple(columns[name] for name in ciphers))


def verify_files() -> Iterator[Finding]:
    """Every encrypted file that is missing or altered, by the digest that is its address. Reads each file once, opens none."""
    for fault in faults():
        yield Finding(f"file_{fault.state}", row=f"vault.storedfile:{fault.row}")


def verify_keys() -> Iterator[Finding]:
    """Every row with a ciphertext whose key is not there. One hashed pass over rows and keys, in PostgreSQL."""
    for label, declared in sorted(_registry.items()):
        query = sql.SQL(_LOST).format(
            key=sql.Identifier(str(declared.model._meta.pk.column)),
            table=sql.Identifier(declared.model._meta.db_table),
            subject=sql.Identifier(declared.subject),
            ciphers=sql.SQL(", ").join(sql.SQL("row.") + sql.Identifier(column) for column in declared.ciphers),
        )
        with closing(stream(query)) as rows:
            for key, lost in rows:
                yield Finding("key_missing", row=f"{label}:{key}", ids=lost)
