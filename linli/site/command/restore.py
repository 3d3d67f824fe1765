"""`linli restore`: an installation back from a backup, with who was erased since erased again, and everything verified."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from linli.site.backup import checking, restoring
from linli.site.backup.restoring import Restored
from linli.site.command import language
from linli.site.command.backup import FILE, FOLDER, KEYS, PASSPHRASE, PRIVATE, PUBLIC, opening_of, say
from linli.vault import erasures


@click.command()
@click.argument("folder", type=FOLDER)
@PASSPHRASE
@PRIVATE
@KEYS
@PUBLIC
@click.option("--erasures", "erasure_list", type=FILE, help="the newest erasure list; default LINLI_ERASURES or the state folder's")
@click.option("--nobody-erased", is_flag=True, help="there is no erasure list: nobody was ever erased")
def command(
    folder: Path,
    passphrase_file: Path | None,
    key_file: Path | None,
    keys_file: Path | None,
    public_key: str | None,
    erasure_list: Path | None,
    nobody_erased: bool,
) -> None:
    """Restore FOLDER into the empty database that DATABASE_URL names and the folder that LINLI_STATE names.

    Exit code 1 if the verification found something. One that was cut off is run again with the same words.
    """
    say("检查备份", "checking the backup")
    checked = checking.check(folder, opening_of(passphrase_file, key_file, keys_file), public_key=public_key)
    listed = None if nobody_erased else erasure_list or erasures.list_file()
    restored = restoring.restore(checked, erasure_list=listed, tell=say)
    _report(restored)
    if restored.findings:
        sys.exit(1)


def _report(restored: Restored) -> None:
    residents, facts = restored.figures["residents"], restored.figures["facts"]
    say(f"已恢复：居民 {residents} 人，留痕 {facts} 条", f"restored: {residents} residents, {facts} facts")
    if restored.upgraded:
        say(f"结构升级 {restored.upgraded} 步", f"{restored.upgraded} migrations brought the schema up to this release")
    say(f"按删除名单重新删除 {restored.again} 人", f"erased again by the list: {restored.again}")
    for finding in restored.findings:
        click.echo(finding.text(language()))
    tally, found = restored.tally, len(restored.findings)
    say(
        f"核验 {tally.facts} 条留痕、{tally.rows} 个数据行：发现 {found} 处问题",
        f"verified {tally.facts} facts and {tally.rows} rows: {found} findings",
    )
    if restored.other_secret:
        say(
            "环境变量 LINLI_SECRET_KEY 与备份时不同：此前签发的链接和推送签名失效，请改用数据目录中 secret 文件的值",
            "LINLI_SECRET_KEY of the environment is not the backup's: links and webhook signatures made before don't hold; "
            "use the value in the state folder's file `secret`",
        )
    _report_held(restored.held)


def _report_held(held: dict[str, int]) -> None:
    """What does not happen by itself, and how a person lets it happen."""
    if held["messages"] or held["webhooks"] or held["mailings"]:
        say(
            f"暂停发送：短信和邮件 {held['messages']} 条，推送 {held['webhooks']} 条，群发 {held['mailings']} 批。备份之后可能已经发出；"
            "用 linli held 查看、放行，群发由工作人员放行",
            f"held back: {held['messages']} messages, {held['webhooks']} webhook deliveries, {held['mailings']} mailings; they may have "
            "gone out since the backup. `linli held` shows and releases them; officers release mailings",
        )
    if held["timers"]:
        say(
            f"{held['timers']} 个期限在备份之后到期：一天后才逐级上报，请在此之前补录丢失的答复",
            f"{held['timers']} clocks ran out since the backup: their cases move up in a day, so enter again what was answered meanwhile",
        )
