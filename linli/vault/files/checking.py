"""Are the files there, and whole? Their addresses are digests, so no key is needed and nothing is decrypted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from linli.kernel.digests import algorithm_of, hasher
from linli.kernel.errors import LinliError
from linli.vault.files.shelf import shelf
from linli.vault.models import StoredFile

_PORTION = 2**20


@dataclass(frozen=True, slots=True)
class Fault:
    """state: 'missing' or 'altered'. row: the StoredFile's key."""

    row: int
    address: str
    state: str


def faults(*, newest: int | None = None) -> Iterator[Fault]:
    """Every file of a row that is missing or altered. newest: look at the newest so many alone. Reads each file once."""
    rows = StoredFile.objects.order_by("-pk").values_list("pk", "address")
    kept = shelf()
    for key, address in rows[:newest] if newest is not None else rows.iterator(chunk_size=2000):
        try:
            source = kept.open(address)
        except LinliError:
            yield Fault(key, address, "missing")
            continue
        state = hasher(algorithm_of(address))
        with source:
            while portion := source.read(_PORTION):
                state.update(portion)
        if f"{algorithm_of(address)}:{state.hexdigest()}" != address:
            yield Fault(key, address, "altered")
