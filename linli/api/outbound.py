"""Calling an address that somebody else chose: never one inside our own network, and never longer than a few seconds."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from linli.kernel.errors import LinliError, Place, Said

SECONDS = 5.0
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def require_allowed(address: str) -> None:
    """Raise LinliError unless the address is https to a public host, or lies in a network of settings.LINLI_WEBHOOK_NETWORKS."""
    _reachable(_parts(address))


def post(address: str, body: bytes, headers: Mapping[str, str]) -> int:
    """POST, and the status code of the answer. Redirects are not followed; the answer's body is not read.

    The name is resolved once and the connection made to the address that was checked, so that a name which changes its mind between
    the check and the call gains nothing. Raises LinliError or OSError.
    """
    parts = _parts(address)
    host, port = parts.hostname or "", _port(parts)
    plain = socket.create_connection((str(_reachable(parts)), port), timeout=SECONDS)
    try:
        stream = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if parts.scheme == "https" else plain
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
        connection.sock = stream
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body=body, headers=dict(headers))
            return connection.getresponse().status
        except http.client.HTTPException as error:
            raise ConnectionError(f"not HTTP: {type(error).__name__}") from error
        finally:
            connection.close()
    finally:
        plain.close()


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("https", "http") and parts.hostname and not parts.username and not parts.fragment and _port(parts)
    except ValueError:
        usable = None
    if not usable or not address.isascii() or any(letter <= " " or letter == "\x7f" for letter in address):
        raise _refused("网址写法不对", "Not an address that can be called.", "`https://host/path`", address[:200])
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _reachable(parts: SplitResult) -> Address:
    """The first address of the host, after every one of them was found to be allowed."""
    try:
        rows = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _refused(
            "找不到这个主机", "There is no such host.", ("一个能解析的主机", "a host that can be resolved"), parts.hostname or ""
        ) from None
    found = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
    networks = [ipaddress.ip_network(text) for text in settings.LINLI_WEBHOOK_NETWORKS]
    for one in found:
        inside = any(one in network for network in networks)
        if not inside and (parts.scheme != "https" or not _public(one)):
            raise _refused(
                "不能推送到这个网址：要用 https，且不能是内部网络",
                "This address may not be called: it must be https and lie outside internal networks.",
                (
                    "`https` 和公网地址，或 `LINLI_WEBHOOK_NETWORKS` 中的网络",
                    "https to a public address, or a network of `LINLI_WEBHOOK_NETWORKS`",
                ),
                f"{parts.scheme}://{one}",
            )
    return found[0]


def _public(address: Address) -> bool:
    """Whether it is a public unicast address, also where an IPv6 form carries an IPv4 one inside."""
    inner: Address | None = None
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is None and address not in _UNICAST:
            return False
    chosen = inner or address
    return chosen.is_global and not chosen.is_multicast and chosen not in _PROTOCOLS


_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # NAT64 (RFC 6052)
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that has ever been given out (RFC 4291 2.4, IANA's registry)
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")  # RFC 6890: not for hosts, but a cloud's own services answer there


def _refused(zh: str, en: str, expected: Said, found: str) -> LinliError:
    return LinliError(
        "api.address_refused",
        zh=zh,
        en=en,
        place=Place(field="address"),
        expected=expected,
        found=found,
        remedy_zh="换一个网址，或请管理员开放该网络",
        remedy_en="choose another address, or have the administrator allow the network",
    )
