"""`linli archive`: a case or a batch as a folder that is read and checked without this system; check one against the trace."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import click
from django.conf import settings

from linli.archives.acts import Written, differences, export_batch, export_case
from linli.archives.cases import Wish
from linli.archives.check import problems_of
from linli.archives.folders import Disk, Place, Zip
from linli.batches.models import Batch, Draw
from linli.casework.desks import no_case
from linli.casework.models import Case
from linli.casework.receipts import parse_receipt
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.site.command import language

OPERATOR = system("operator")
OUT = click.option("--out", type=click.Path(path_type=Path), required=True, help="a new or empty folder, or a new file that ends in .zip")
SITE = click.option(
    "--site", default="", help="where the QR codes of letters lead, https://host; LINLI_PUBLIC_ADDRESS where it is left out"
)
FULL = click.option("--in-full", is_flag=True, help="identity and account numbers unmasked")


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)


@click.group()
def command() -> None:
    """Archives (一户一档) for auditors, in the language of LINLI_LANG. What is read of a person is listed to them."""


@command.command()
@click.argument("receipt")
@OUT
@SITE
@FULL
def case(receipt: str, out: Path, site: str, in_full: bool) -> None:
    """Write the case of RECEIPT."""
    found = Case.objects.filter(receipt=parse_receipt(receipt)).first()
    if found is None:
        raise no_case(receipt)
    with _place(out) as place:
        _done(export_case(OPERATOR, case=found.uid, place=place, wish=_wish(site, in_full)), out)


@command.command()
@click.argument("batch")
@OUT
@SITE
@FULL
def batch(batch: str, out: Path, site: str, in_full: bool) -> None:
    """Write BATCH, by its id or the code of its draw, with every case on its list."""
    with _place(out) as place:
        _done(export_batch(OPERATOR, batch=_batch(batch), place=place, wish=_wish(site, in_full)), out)


@command.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def verify(folder: Path) -> None:
    """Check an unpacked archive: its files, its facts, and both against this installation's trace. Exit code 1 if anything was found."""
    found = list(problems_of(folder)) or differences(folder)
    for problem in found:
        click.echo(problem)
    _say(f"发现 {len(found)} 处问题", f"{len(found)} findings")
    if found:
        sys.exit(1)


def _wish(site: str, in_full: bool) -> Wish:
    address = site or settings.LINLI_ADDRESSES["public"]
    if not address:
        raise LinliError(
            "archives.no_address",
            zh="不知道文书上的二维码通向哪里",
            en="Nothing says where the QR codes of letters lead.",
            expected=("公众网站的地址", "the public site's address"),
            remedy_zh="加 --site https://主机名，或设置 LINLI_PUBLIC_ADDRESS",
            remedy_en="add --site https://host, or set LINLI_PUBLIC_ADDRESS",
        )
    return Wish(language(), address.rstrip("/"), in_full)


@contextmanager
def _place(out: Path) -> Iterator[Place]:
    if out.suffix != ".zip":
        yield Disk(out)
        return
    with out.open("xb") as file:
        out.chmod(0o600)
        place = Zip(file)
        yield place
        place.close()


def _done(written: Written, out: Path) -> None:
    _say(
        f"已写入 {out}：{written.cases} 件，{written.files} 个文件，清单摘要 {written.manifest}",
        f"written to {out}: cases {written.cases}, files {written.files}, manifest {written.manifest}",
    )


def _batch(text: str) -> UUID:
    drawn = Draw.objects.filter(code=text).values_list("batch__uid", flat=True).first()
    if drawn is not None:
        return drawn
    try:
        found = Batch.objects.filter(uid=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise LinliError(
            "batches.no_batch",
            zh="没有这个批次",
            en="There is no such batch.",
            found=text,
            remedy_zh="用批次编号或抽取编号",
            remedy_en="give the batch's id or the code of its draw",
        )
    return found.uid
