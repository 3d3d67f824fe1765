"""The process that looks into strangers' files: started for one file, limited in memory and time, ended afterwards.

Standing alone (it imports nothing of Linli), it reads the file from standard input and answers with one line of JSON and the pages as
JPEG behind it: {"kind": …, "pages": [[bytes, width, height], …]} or {"refused": code, "found": …}. What comes out was drawn anew from
pixels, so that nothing of the original but its picture remains: no position, no maker's notes, no script, no second file behind it.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageOps

MEMORY, SECONDS = 1 << 30, 40
PIXELS, PIXELS_JPEG = 50_000_000, 130_000_000
"""Of a picture, read from its head before anything is unpacked. A JPEG is made smaller while it is unpacked, the others aren't."""
EDGE, SMALLEST_EDGE = 2600, 64
QUALITY = 82
PAGES, DOTS_PER_INCH, LONGEST_PAGE = 20, 200, 14_400
"""Pages of a PDF; LONGEST_PAGE: points, the largest that the format knows (ISO 32000-1, annex C)."""
POINTS_PER_INCH = 72

Picture = tuple[bytes, int, int]


class RefusedError(Exception):
    """Why the file isn't taken: a code that the caller has words for."""

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(code)
        self.code, self.found = code, found


def kind_of(content: bytes) -> str:
    """'jpeg', 'png', 'webp' or 'pdf', by the bytes it begins with; a name or a declared type counts for nothing."""
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif"):
        raise RefusedError("heic")
    raise RefusedError("empty" if not content else "kind")


def pages_of(content: bytes) -> tuple[str, list[Picture]]:
    """The kind and its pages drawn anew, as JPEG with width and height. Raises RefusedError."""
    kind = kind_of(content)
    if kind == "pdf":
        return kind, list(_leaves(content))
    return kind, [_photo(content, kind)]


def _photo(content: bytes, kind: str) -> Picture:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own word on large pictures: the limit below is ours
            picture: Image.Image = Image.open(io.BytesIO(content), formats=[kind.upper()])
            width, height = picture.size
            if width * height > (PIXELS_JPEG if kind == "jpeg" else PIXELS):
                raise RefusedError("pixels", f"{width} × {height}")
            if max(width, height) < SMALLEST_EDGE:
                raise RefusedError("small", f"{width} × {height}")
            picture.draft("RGB", (EDGE, EDGE))
            picture.load()
            picture.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
            return _drawn(ImageOps.exif_transpose(picture))
    except RefusedError:
        raise
    except Image.DecompressionBombError:
        raise RefusedError("pixels") from None
    except MemoryError:
        raise RefusedError("memory") from None
    except Exception as error:  # whatever the decoder stumbles over, the file is damaged or made to harm
        raise RefusedError("damaged", type(error).__name__) from None


def _drawn(picture: Image.Image) -> Picture:
    """Its pixels alone, on white where it was transparent, as JPEG."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        over = picture.convert("RGBA")
        plain = Image.new("RGB", over.size, "white")
        plain.paste(over, mask=over.getchannel("A"))
    else:
        plain = picture.convert("RGB")
    bare = Image.frombytes("RGB", plain.size, plain.tobytes())  # carries no notes over
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), bare.width, bare.height


def _leaves(content: bytes) -> Iterator[Picture]:
    """Each page of a PDF as a picture; scripts, links, forms' actions and attached files are not looked at and don't come along."""
    import pypdfium2 as pdfium  # most files are photos, which don't need it

    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        raise RefusedError("locked" if "assword" in str(error) else "damaged", type(error).__name__) from None
    number = len(document)
    if not 0 < number <= PAGES:
        raise RefusedError("pages", str(number))
    if document.get_formtype():
        document.init_forms()  # so that what was filled into a form shows
    for index in range(number):
        yield _leaf(document, index)


def _leaf(document: Any, index: int) -> Picture:
    import pypdfium2 as pdfium

    try:
        page = document[index]
        longest = max(page.get_size())
        if not 0 < longest <= LONGEST_PAGE:
            raise RefusedError("damaged", f"page {index + 1}")
        scale = min(DOTS_PER_INCH / POINTS_PER_INCH, EDGE / longest)
        drawn = _drawn(page.render(scale=scale).to_pil())
        page.close()
    except pdfium.PdfiumError as error:
        raise RefusedError("damaged", type(error).__name__) from None
    return drawn


def limit() -> None:
    """What this process may use from now on: memory, time, no files written, no further processes."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """One file in, its pages out."""
    limit()
    try:
        kind, pages = pages_of(sys.stdin.buffer.read())
    except RefusedError as refused:
        head: dict[str, Any] = {"refused": refused.code, "found": refused.found}
        pages = []
    except MemoryError:
        head, pages = {"refused": "memory", "found": ""}, []
    else:
        head = {"kind": kind, "pages": [[len(data), width, height] for data, width, height in pages]}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    for data, _, _ in pages:
        sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
