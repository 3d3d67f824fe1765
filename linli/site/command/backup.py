"""`linli backup`: take a backup, check one, make a recipient's key."""

from __future__ import annotations

from pathlib import Path

import click

from linli.kernel.errors import LinliError
from linli.site.backup import checking, keysafe, taking
from linli.site.backup.checking import Opening
from linli.site.command import language

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
PASSPHRASE = click.option(
    "--passphrase-file", type=FILE, envvar="LINLI_BACKUP_PASSPHRASE_FILE", help="its first line seals or opens the keys (mode 0600)"
)
KEYS = click.option("--keys", "keys_file", type=FILE, help="the sealed keys, where they are not in the backup's folder")
PRIVATE = click.option("--key-file", type=FILE, help="the recipient's private key, if the keys are sealed to a recipient (mode 0600)")
PUBLIC = click.option("--public-key", help="the public key (hex) that the manifest must be signed with")


def say(zh: str, en: str) -> None:
    """One line in the reader's language."""
    click.echo(zh if language() == "zh" else en)


def opening_of(passphrase_file: Path | None, key_file: Path | None, keys_file: Path | None) -> Opening:
    """What the options say the keys are opened with."""
    passphrase = keysafe.passphrase_in(passphrase_file) if passphrase_file else ""
    return Opening(passphrase, keysafe.only_own(key_file) if key_file else "", keys_file)


class _TakeByDefault(click.Group):
    """`linli backup FOLDER` takes a backup; the other words are commands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help",):
            args = ["take", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_TakeByDefault)
def command() -> None:
    """Back up this installation: `linli backup FOLDER` (docs/operate/backup.md)."""


@command.command()
@click.argument("folder", type=FOLDER)
@PASSPHRASE
@click.option("--recipient", envvar="LINLI_BACKUP_RECIPIENT", help="seal the keys to this public key (from `linli backup new-key`)")
@click.option("--without-keys", is_flag=True, help="leave the keys out: they are kept by other means")
@click.option("--keep", type=click.IntRange(min=1), help="afterwards delete the oldest beyond so many")
def take(folder: Path, passphrase_file: Path | None, recipient: str | None, without_keys: bool, keep: int | None) -> None:
    """Take a backup into a new folder inside FOLDER, named after the moment. People go on working meanwhile."""
    lock = keysafe.lock_of(passphrase_file, recipient)
    if (lock is None) != without_keys:
        raise _which_keys()
    taken = taking.take(folder, lock=lock, keep=keep, tell=say)
    bytes_ = sum(part.bytes for part in taken.manifest.parts.values())
    facts, residents = taken.manifest.figures["facts"], taken.manifest.figures["residents"]
    say(
        f"已备份：{taken.folder}（{bytes_ / 1e6:.1f} MB；居民 {residents} 人，留痕 {facts} 条，文件 {taken.files} 个）",
        f"backed up: {taken.folder} ({bytes_ / 1e6:.1f} MB; {residents} residents, {facts} facts, {taken.files} files)",
    )
    if without_keys:
        say("不含密钥：没有密钥，这份备份无法读取", "without the keys: nothing of it can be read without them")
    if taken.removed:
        say(f"已删除旧备份：{'、'.join(taken.removed)}", f"old ones deleted: {', '.join(taken.removed)}")


@command.command()
@click.argument("folder", type=FOLDER)
@PASSPHRASE
@PRIVATE
@KEYS
@PUBLIC
def check(folder: Path, passphrase_file: Path | None, key_file: Path | None, keys_file: Path | None, public_key: str | None) -> None:
    """Read a backup to its last byte without restoring it. FOLDER: one with a time for a name."""
    checked = checking.check(folder, opening_of(passphrase_file, key_file, keys_file), public_key=public_key)
    made = checked.manifest
    say(
        f"备份完整：{made.name}，版本 {made.release}，居民 {made.figures['residents']} 人，留痕 {made.figures['facts']} 条",
        f"the backup is whole: {made.name}, release {made.release}, {made.figures['residents']} residents, {made.figures['facts']} facts",
    )
    if checked.secrets is not None:
        say("密钥相符，签名无误", "the keys fit and the signature holds")
    elif public_key is not None:
        say("签名无误；没有打开密钥", "the signature holds; the keys were not opened")
    else:
        say(
            "没有打开密钥，也没有核对签名：加 --passphrase-file 或 --key-file",
            "keys not opened, signature not checked: add --passphrase-file or --key-file",
        )


@command.command("new-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def new_key(file: Path) -> None:
    """Make a recipient's key pair: the private key goes to FILE, which you keep off this machine; the public one is printed."""
    click.echo(keysafe.new_recipient(file))


def _which_keys() -> LinliError:
    return LinliError(
        "backup.which_keys",
        zh="请说明密钥如何封存",
        en="Say how the keys are to be sealed.",
        expected="--passphrase-file, --recipient or --without-keys",
        remedy_zh="无人值守时用 --recipient；见 docs/operate/backup.md",
        remedy_en="where nobody watches use --recipient; see docs/operate/backup.md",
    )
