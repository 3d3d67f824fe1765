"""The `linli` command. Each group is a module of this folder and is loaded only when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys

import click

from linli.kernel.errors import LinliError, Place, Problems, is_disk_full

GROUPS = {
    "answers": "what another system decided about forwarded cases: read its table",
    "archive": "a case or a batch as a folder for auditors; check one",
    "areas": "administrative divisions: check and import",
    "backup": "back up the database, the files and, sealed, the keys; check a backup",
    "bank": "accounts checked at the bank before they are paid to",
    "city": "the ground a city stands on: make up a town, take the own map",
    "circles": "living circles: network, list, coverage, gaps, plans",
    "db": "the private PostgreSQL and its schema",
    "demo": "the demo city: load, screen, serve",
    "doctor": "what is wrong with this installation, and what to do",
    "draw": "public draws: recompute one, commit to a secret",
    "fund": "money of programmes: open a fund, allocate what has arrived, see what is left",
    "held": "what a restore held back: show and release it",
    "ledger": "the book: verify it, statements, trial balance",
    "letters": "official letters: list them, try a template, check a city's own",
    "opendata": "counts for everyone: publish, list, write as files",
    "people": "generated residents",
    "places": "places (shops, stalls, care, green spaces): import a list",
    "prices": "prices of medical services: publish a version, ask for a day",
    "programme": "programme files: check, words, examples, publish",
    "reach": "walking networks: import one, how far homes are from places, where places should go, buses",
    "registers": "register lists: import, check, undo",
    "restore": "put an installation back from a backup and verify it",
    "rules": "evaluate and explain rules; needs no database",
    "screen": "policy finds people: run, compare, replay",
    "serve": "the web server",
    "staff": "staff and their grants",
    "token": "keys for programs that call the API",
    "trace": "verify, seal and export the trace",
    "vault": "keys, rotation and erasure",
    "windows": "service windows: import a list",
    "worker": "background jobs",
}
WITHOUT_DJANGO = {"db", "draw", "letters", "reach", "rules"}


class Lazy(click.Group):
    """Loads a group's module on first use, so that `linli rules` starts without Django."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in GROUPS:
            return None
        if cmd_name not in WITHOUT_DJANGO:
            _set_up_django()
        module = importlib.import_module(f"linli.site.command.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(GROUPS.items()))


def _set_up_django() -> None:
    from linli.site import environment

    environment.prepare()


def language() -> str:
    """'zh' or 'en' from LINLI_LANG, else from the locale."""
    chosen = os.environ.get("LINLI_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "zh" if chosen.lower().startswith("zh") else "en"


@click.group(cls=Lazy)
@click.version_option(package_name="linli")
def root() -> None:
    """Linli 邻里: policy finds people; every act leaves a trace."""


def main() -> None:
    """Run a command; bad input ends with every problem on its own line and exit code 2."""
    try:
        root(standalone_mode=True)
    except Problems as problems:
        for problem in problems.problems:
            click.echo(problem.text(language()), err=True)
        sys.exit(2)
    except LinliError as error:
        click.echo(error.text(language()), err=True)
        sys.exit(2)
    except OSError as error:
        click.echo(_unusable(error).text(language()), err=True)
        sys.exit(2)


def _unusable(error: OSError) -> LinliError:
    """A file or folder that can't be read or written, as a refusal."""
    if is_disk_full(error):
        return LinliError(
            "command.disk_full",
            zh="磁盘已满，没有做完",
            en="The disk is full; this did not end.",
            place=Place(file=str(error.filename)) if error.filename else None,
            remedy_zh="腾出空间后再运行一次同样的命令",
            remedy_en="make room and run the same command again",
        )
    return LinliError(
        "command.file",
        zh="文件或文件夹无法使用",
        en="A file or folder can't be used.",
        place=Place(file=str(error.filename)) if error.filename else None,
        found=error.strerror or str(error),
        remedy_zh="检查路径是否存在、是否有权限",
        remedy_en="check that the path exists and that you may use it",
    )
