"""A bucket that speaks the S3 protocol (MinIO, Ceph, or a cloud's object store) as the place of encrypted files.

Plain HTTP requests, signed with AWS Signature Version 4 (docs.aws.amazon.com/AmazonS3, "Authenticating Requests"); the payload's digest is
part of the signature. What lies there is ciphertext: who runs the bucket learns how many files there are, how long and how old.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import io
import ssl
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, cast
from urllib.parse import parse_qs, quote, urlsplit

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.vault.files.shelf import no_file, parts_of

LONGEST_ANSWER = 8 * 2**20
LARGEST = 64 * 2**20
"""Bytes of a file that is read back: three times what may be sent in."""
_NOTHING = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """Who signs. repr is left out so that a traceback never prints the secret."""

    key: str
    secret: str


class Bucket:
    """Files as objects ab/cd/sha256-abcd… of one bucket, in path style. A new connection for each request; no redirect is followed."""

    def __init__(self, url: str, account: Account, timeout_seconds: float = 20.0) -> None:
        address = urlsplit(url)
        bucket = address.path.strip("/")
        local = address.scheme == "http" and address.hostname in ("127.0.0.1", "localhost")
        if not (address.scheme == "https" or local) or not bucket or "/" in bucket:
            raise LinliError(
                "s3.bad_address",
                zh="文件存储服务的地址不正确",
                en="The address of the object store is not usable.",
                place=Place(field="LINLI_S3"),
                expected=("https://主机/桶名?region=区域", "https://host/bucket?region=name"),
                found=f"{address.scheme}://{address.hostname}{address.path}",
                remedy_zh="改正 LINLI_S3，见 docs/documents.md",
                remedy_en="put LINLI_S3 right, see docs/documents.md",
            )
        self._address, self._bucket, self._account, self._timeout = address, bucket, account, timeout_seconds
        self._region = parse_qs(address.query).get("region", ["us-east-1"])[0]

    def put(self, address: str, source: BinaryIO, size: int) -> None:
        """One request; the service has it on its disks when it answers. A file of this address is the same file."""
        content = source.read(size)
        self._ask("PUT", self._path(address), body=content, expected=(200,))

    def open(self, address: str) -> BinaryIO:
        """The object, in memory."""
        status, content = self._ask("GET", self._path(address), expected=(200, 404), most=LARGEST)
        if status == 404:
            raise no_file(address)
        return cast(BinaryIO, io.BytesIO(content))

    def remove(self, address: str) -> None:
        """Whether or not it is there."""
        self._ask("DELETE", self._path(address), expected=(200, 204, 404))

    def present(self) -> Iterator[tuple[str, datetime]]:
        """A thousand names a request."""
        token = ""
        while True:
            query = {"list-type": "2"} | ({"continuation-token": token} if token else {})
            _, raw = self._ask("GET", f"/{self._bucket}", query=query, expected=(200,))
            tree = ElementTree.fromstring(raw)
            for element in tree.iter():
                if element.tag.rpartition("}")[2] == "Contents":
                    told = {child.tag.rpartition("}")[2]: child.text or "" for child in element}
                    algorithm, _, digest = told["Key"].rpartition("/")[2].partition("-")
                    yield f"{algorithm}:{digest}", datetime.fromisoformat(told["LastModified"])
            more = {child.tag.rpartition("}")[2]: child.text or "" for child in tree}
            token = more.get("NextContinuationToken", "")
            if more.get("IsTruncated") != "true" or not token:
                return

    def _path(self, address: str) -> str:
        algorithm, digest = parts_of(address)
        return f"/{self._bucket}/{digest[:2]}/{digest[2:4]}/{algorithm}-{digest}"

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: bytes = b"",
        expected: tuple[int, ...],
        most: int = LONGEST_ANSWER,
    ) -> tuple[int, bytes]:
        asked = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted((query or {}).items()))
        headers = signed(method, self._address.netloc, path, asked, body, self._account, self._region, clock.now())
        connection = self._connected()
        try:
            connection.request(method, f"{path}?{asked}" if asked else path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read(most + 1)
        except (OSError, http.client.HTTPException) as error:
            raise _failed(type(error).__name__) from None
        finally:
            connection.close()
        if answer.status not in expected or len(content) > most:
            raise _failed(f"HTTP {answer.status}")
        return answer.status, content

    def _connected(self) -> http.client.HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=self._timeout)


def signed(method: str, host: str, path: str, query: str, body: bytes, account: Account, region: str, at: datetime) -> dict[str, str]:
    """The headers of a request, its signature among them. query: encoded and in the order of its names."""
    moment = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    payload = hashlib.sha256(body).hexdigest() if body else _NOTHING
    headers = {"host": host, "x-amz-content-sha256": payload, "x-amz-date": moment}
    names = ";".join(headers)
    request = "\n".join((method, quote(path), query, *(f"{name}:{value}" for name, value in headers.items()), "", names, payload))
    to_sign = "\n".join(("AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{account.secret}".encode()
    for part in (moment[:8], region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, to_sign.encode(), "sha256").hexdigest()
    told = f"AWS4-HMAC-SHA256 Credential={account.key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {"Authorization": told, "x-amz-content-sha256": payload, "x-amz-date": moment}


def _failed(found: str) -> LinliError:
    return LinliError(
        "s3.failed",
        zh="文件存储服务没有应答，文件没有保存",
        en="The object store did not do what was asked; nothing was kept.",
        found=found,
        remedy_zh="稍后再试；管理员请查看 linli doctor",
        remedy_en="try again later; an administrator looks at linli doctor",
    )
