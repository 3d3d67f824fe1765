"""Where a database is, as its URL says it."""

from __future__ import annotations

import pytest

from linli.site.database import from_url


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgresql://linli@127.0.0.1:5433/city", "127.0.0.1", "5433"),
        ("postgresql://linli@/city?host=/Run/Sockets", "/Run/Sockets", ""),
        ("postgresql://linli@/city?host=/Run/Sockets&port=5433", "/Run/Sockets", "5433"),
        ("postgresql://linli@/city?host=127.0.0.1&port=5433&sslmode=require", "127.0.0.1", "5433"),
    ],
)
def test_a_url_in_either_form_names_host_and_port(url: str, host: str, port: str):
    entry = from_url(url)
    assert (entry["USER"], entry["NAME"], entry["HOST"], entry["PORT"]) == ("linli", "city", host, port)
    assert {"host", "port"} & set(entry["OPTIONS"]) == set()
