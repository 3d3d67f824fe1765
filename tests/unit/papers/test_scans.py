"""What strangers send: photos and PDFs become plain pictures, and what was made to harm is refused or loses what harms."""

from __future__ import annotations

import io
import re
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import DictionaryObject, NameObject, NumberObject, TextStringObject

from linli.kernel.errors import LinliError
from linli.papers import scans
from linli.papers.scans import taking, worker
from linli.papers.scans.worker import RefusedError, pages_of

GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def photo(kind: str = "JPEG", size: tuple[int, int] = (300, 200), **options: object) -> bytes:
    """Red above, blue below."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (0, size[1] // 2, *size))
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def pdf(pages: int = 1, size: tuple[int, int] = (300, 200)) -> PdfWriter:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PDF")
    writer = PdfWriter()
    for _ in range(pages):
        writer.append(io.BytesIO(out.getvalue()))
    return writer


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def drawn(content: bytes) -> Image.Image:
    _, ((jpeg, width, height),) = pages_of(content)
    picture = Image.open(io.BytesIO(jpeg))
    assert (picture.format, picture.size) == ("JPEG", (width, height))
    return picture


def refusal(content: bytes) -> str:
    with pytest.raises(RefusedError) as refused:
        pages_of(content)
    return refused.value.code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_drawn_anew(kind: str) -> None:
    picture = drawn(photo(kind))
    assert picture.size == (300, 200)
    red, _, blue = picture.getpixel((150, 20))  # type: ignore[misc]
    assert red > 200 > 50 > blue


def test_the_place_and_the_camera_are_gone_and_the_photo_stands_upright() -> None:
    notes = Image.Exif()
    notes[ORIENTATION], notes[MAKER] = 6, "a camera"
    notes.get_ifd(GPS).update({1: "N", 2: (35.0, 1.0, 2.0)})
    picture = drawn(photo(exif=notes, comment=b"my home"))
    assert picture.size == (200, 300)
    assert not picture.getexif()
    assert b"Exif" not in pages_of(photo(exif=notes))[1][0][0]
    red, _, blue = picture.getpixel((190, 150))  # type: ignore[misc]
    assert red > 200 > 50 > blue  # turned clockwise: what was above is on the right


def test_a_second_file_behind_the_photo_is_gone() -> None:
    for tail in (b"PK\x03\x04 a zip", b"<html><script>alert(1)</script></html>", b"%PDF-1.7 another"):
        for kind in ("JPEG", "PNG", "WEBP"):
            jpeg = pages_of(photo(kind) + tail)[1][0][0]
            assert tail not in jpeg
            assert jpeg.endswith(b"\xff\xd9")


def test_what_is_transparent_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(out, "PNG")
    assert min(drawn(out.getvalue()).getpixel((50, 50))) > 250  # type: ignore[type-var,arg-type]


def test_a_large_photo_is_made_smaller() -> None:
    assert drawn(photo(size=(5200, 400))).size == (worker.EDGE, 200)


def a_png_that_claims(width: int, height: int) -> bytes:
    """A head that promises so many pixels, and a few bytes of them."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "kind"),
        (b"<?xml version='1.0'?><svg/>", "kind"),
        (b"<!doctype html><title>x</title>", "kind"),
        (b"PK\x03\x04" + bytes(100), "kind"),
        (b"GIF89a" + bytes(100), "kind"),
        (b"MZ" + bytes(100), "kind"),
        (b"garbage %PDF-1.7", "kind"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(50), "heic"),
        (a_png_that_claims(30_000, 30_000), "pixels"),
        (a_png_that_claims(8_000, 8_000), "pixels"),
        (a_png_that_claims(400, 400), "damaged"),
        (photo("PNG")[:300], "damaged"),
        (b"\xff\xd8\xff" + bytes(500), "damaged"),
        (photo(size=(40, 40)), "small"),
        (b"%PDF-1.7 and nothing more", "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_photo_and_no_pdf_is_refused(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_a_pdf_becomes_pictures_without_its_scripts_and_attachments() -> None:
    writer = pdf(2)
    script = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('hello')")})
    writer.root_object[NameObject("/OpenAction")] = script
    writer.add_attachment("evil.exe", b"MZ" * 50)
    kind, pages = pages_of(written(writer))
    assert (kind, len(pages)) == ("pdf", 2)
    for jpeg, width, height in pages:
        assert b"alert" not in jpeg
        assert Image.open(io.BytesIO(jpeg)).size == (width, height)


def test_what_was_filled_into_a_form_shows() -> None:
    writer = pdf(size=(400, 200))
    bare = pages_of(written(writer))[1][0][0]
    writer.add_annotation(0, FreeText(text="filled in", rect=(20, 20, 200, 80), font_size="20pt", background_color="00ff00"))
    assert pages_of(written(writer))[1][0][0] != bare


def test_a_pdf_with_a_password_too_many_pages_or_a_monstrous_page_is_refused() -> None:
    locked = pdf()
    locked.encrypt("secret")
    assert refusal(written(locked)) == "locked"
    assert refusal(written(pdf(worker.PAGES + 1))) == "pages"
    wide = pdf()
    wide.pages[0].mediabox.upper_right = (10**6, 10**6)
    assert PdfReader(io.BytesIO(written(wide))).pages[0].mediabox.width == 10**6
    assert refusal(written(wide)) == "damaged"
    unit = pdf()
    unit.pages[0][NameObject("/UserUnit")] = NumberObject(10**6)
    assert max(pages_of(written(unit))[1][0][1:]) <= worker.EDGE


def test_it_happens_in_a_process_of_its_own() -> None:
    taken = scans.take_in(photo())
    assert (taken.kind, len(taken.pages)) == ("jpeg", 1)
    assert (taken.pages[0].width, taken.pages[0].height) == (300, 200)
    with pytest.raises(LinliError) as refused:
        scans.take_in(b"<svg/>")
    assert refused.value.code == "scans.kind"
    with pytest.raises(LinliError) as large:
        scans.take_in(bytes(scans.LARGEST + 1))
    assert large.value.code == "scans.too_large"


def test_every_refusal_of_the_process_has_its_words() -> None:
    codes = set(re.findall(r'RefusedError\(\s*"(\w+)"', Path(worker.__file__).read_text("utf-8")))
    assert codes >= {"heic", "pixels", "damaged"}
    assert codes | {"kind", "empty", "locked", "memory", "slow", "busy"} <= set(taking._REFUSALS)


def test_a_process_that_takes_too_long_or_dies_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stuck = tmp_path / "stuck.py"
    monkeypatch.setattr(taking, "_WORKER", stuck)
    stuck.write_text("while True: pass")
    monkeypatch.setattr(taking, "SECONDS", 0.2)
    with pytest.raises(LinliError) as slow:
        scans.take_in(b"x")
    assert slow.value.code == "scans.slow"
    monkeypatch.setattr(taking, "SECONDS", 20.0)
    stuck.write_text("import os; os.abort()")
    with pytest.raises(LinliError):
        scans.take_in(b"x")
    stuck.write_text("raise SystemExit(3)")
    with pytest.raises(LinliError) as dead:
        scans.take_in(b"x")
    assert dead.value.code == "scans.damaged"


@pytest.mark.long
def test_what_fills_the_memory_ends_with_its_process() -> None:
    out = io.BytesIO()
    Image.new("L", (60_000, 2_000)).save(out, "JPEG", progressive=True)
    taken = scans.take_in(out.getvalue())
    assert max(taken.pages[0].width, taken.pages[0].height) <= worker.EDGE
