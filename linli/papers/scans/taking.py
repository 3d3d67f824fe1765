"""take_in: a stranger's photo or PDF becomes pages of our own, drawn anew by a process that is limited and thrown away."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from linli.kernel.errors import LinliError, Place, Said

LARGEST = 20 * 2**20
"""Bytes of a file as it comes in: a photo of any telephone."""
SECONDS = 60.0
AT_ONCE, PATIENCE_SECONDS = 2, 20.0
"""Files looked into at the same time by one process of the site, and how long the next one waits for its turn."""
_WORKER = Path(__file__).with_name("worker.py")
_turns = threading.BoundedSemaphore(AT_ONCE)

_REFUSALS: dict[str, tuple[str, str, Said | None, tuple[str, str]]] = {
    "empty": ("文件是空的", "The file is empty.", ("照片或 PDF", "a photo or a PDF"), ("重新选择文件", "choose the file again")),
    "kind": (
        "不是照片，也不是 PDF",
        "This is neither a photo nor a PDF.",
        ("JPEG、PNG、WebP 照片或 PDF", "a photo (JPEG, PNG, WebP) or a PDF"),
        ("拍成照片，或另存为 PDF 后再上传", "take a photo of it, or save it as PDF, and send that"),
    ),
    "heic": (
        "暂不支持这种照片格式（HEIC）",
        "Photos in this format (HEIC) can't be read here.",
        ("JPEG 照片", "a JPEG photo"),
        (
            "在本页直接拍照，或在手机设置中把相机格式改为“兼容性最佳”后重拍",
            "take the photo from this page, or set the telephone's camera to “most compatible” and take it again",
        ),
    ),
    "pixels": (
        "照片的像素过多",
        "The photo has too many pixels.",
        ("普通手机照片", "a photo as telephones take them"),
        ("用手机重新拍一张", "take it again with a telephone"),
    ),
    "small": (
        "照片太小，看不清内容",
        "The photo is too small to be read.",
        ("能看清文字的照片", "a photo on which the writing can be read"),
        ("对准材料重新拍一张", "take it again, close to the paper"),
    ),
    "memory": (
        "文件展开后过大",
        "The file becomes too large when it is opened.",
        ("普通照片或扫描件", "an ordinary photo or scan"),
        ("用手机拍成照片再上传", "take photos of it and send those"),
    ),
    "damaged": (
        "文件已损坏，打不开",
        "The file is damaged and can't be opened.",
        ("能打开的照片或 PDF", "a photo or PDF that opens"),
        ("重新拍照或重新保存后再上传", "take the photo or save the file again"),
    ),
    "locked": (
        "PDF 设有密码",
        "The PDF needs a password.",
        ("没有密码的 PDF", "a PDF without a password"),
        ("去掉密码后保存，或拍成照片上传", "save it without a password, or send photos of it"),
    ),
    "pages": (
        "PDF 的页数不合适",
        "The PDF has the wrong number of pages.",
        ("1 至 20 页", "1 to 20 pages"),
        ("分成几个文件上传", "send it in several files"),
    ),
    "slow": (
        "文件处理时间过长",
        "The file takes too long to open.",
        ("普通照片或扫描件", "an ordinary photo or scan"),
        ("用手机拍成照片再上传", "take photos of it and send those"),
    ),
    "busy": (
        "同时上传的人较多",
        "Many people are sending files at this moment.",
        None,
        ("稍等一会儿再试", "try again in a minute"),
    ),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A picture of one page: JPEG, width and height in pixels."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Taken:
    """kind: what the file was ('jpeg', 'png', 'webp', 'pdf')."""

    kind: str
    pages: tuple[Page, ...]


def take_in(content: bytes) -> Taken:
    """The pages of a photo (one) or a PDF, drawn anew as JPEG of at most 2,600 pixels a side. Raises LinliError "scans.…".

    A process of its own for each file, without a network name, environment or open file of ours; about 0.2 s for a photo, as much for
    each page of a PDF. Blocks; two at once in a process of the site.
    """
    if len(content) > LARGEST:
        raise too_large()
    if not _turns.acquire(timeout=PATIENCE_SECONDS):
        raise _refused("busy")
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", str(_WORKER)], input=content, capture_output=True, timeout=SECONDS, env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired:
        raise _refused("slow") from None
    finally:
        _turns.release()
    head, _, body = done.stdout.partition(b"\n")
    if not head:
        # It died without an answer: of the limits that it runs under, time is the one that kills by a signal.
        raise _refused("slow" if done.returncode < 0 else "damaged", str(done.returncode))
    told = json.loads(head)
    if "refused" in told:
        raise _refused(told["refused"], told["found"])
    return Taken(told["kind"], tuple(_cut(body, told["pages"])))


def _cut(body: bytes, lengths: list[list[int]]) -> list[Page]:
    pages, at = [], 0
    for length, width, height in lengths:
        pages.append(Page(body[at : at + length], width, height))
        at += length
    return pages


def too_large() -> LinliError:
    """The file is beyond the largest size."""
    most = LARGEST // 2**20
    return LinliError(
        "scans.too_large",
        zh=f"文件超过 {most} MB",
        en=f"The file is larger than {most} MB.",
        place=Place(field="file"),
        expected=f"≤ {most} MB",
        remedy_zh="用手机重新拍一张，或分成几个文件",
        remedy_en="take it again with a telephone, or split it",
    )


def _refused(code: str, found: str = "") -> LinliError:
    zh, en, expected, (remedy_zh, remedy_en) = _REFUSALS[code]
    place = Place(field="file")
    return LinliError(
        f"scans.{code}", zh=zh, en=en, place=place, expected=expected, found=found or None, remedy_zh=remedy_zh, remedy_en=remedy_en
    )
