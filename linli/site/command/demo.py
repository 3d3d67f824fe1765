"""`linli demo`: set the demo city up, and serve it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from linli.site import demo
from linli.site.command import language

RESIDENTS = click.option("--residents", type=click.IntRange(min=100), help="how many people the city has [50,000]")
SEED = click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="another seed, another city")


def _say(zh: str, en: str) -> str:
    return zh if language() == "zh" else en


@click.group()
def command() -> None:
    """The demo city: generated residents, departments' lists, published programmes, a first screening."""


@command.command()
@RESIDENTS
@SEED
def up(residents: int | None, seed: int) -> None:
    """Set the demo city up, or what is still missing of it."""
    _up(residents, seed)


@command.command()
@RESIDENTS
@SEED
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def run(residents: int | None, seed: int, host: str, port: int) -> None:
    """Set the demo city up, then serve it with a worker beside it until Ctrl-C."""
    _up(residents, seed)
    sys.exit(_serve(host, port))


def _up(residents: int | None, seed: int) -> None:
    began = time.monotonic()
    console = Console(highlight=False)
    demo.migrate()
    plan = demo.open_demo(Path(settings.LINLI_STATE), residents, seed)
    console.print(_say(f"演示城市：{plan.residents} 位虚构居民", f"demo city: {plan.residents} made-up residents"))
    for step in demo.steps():
        if step.name in plan.done:
            console.print(f"  ✓ {_say(*step.words)}", style="dim")
        else:
            _take(console, plan, step)
    console.print(_say(f"就绪，用时 {time.monotonic() - began:.0f} 秒", f"ready after {time.monotonic() - began:.0f} s"))
    _print_sign_ins(console, plan)


def _take(console: Console, plan: demo.Demo, step: demo.Step) -> None:
    """Run one step under a progress bar and leave one line behind."""
    columns = (TextColumn("  … {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with demo.timed(plan, step), Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(_say(*step.words), total=None)
        brought = step.run(plan, lambda done, of: shown.update(task, completed=done, total=of))
    console.print(f"  ✓ {_say(*step.words)} · {_say(*brought)} · {plan.done[step.name]:.1f} s", soft_wrap=True)


def _print_sign_ins(console: Console, plan: demo.Demo) -> None:
    console.print(_say("登录账号（/office/）：", "sign-ins (/office/):"))
    passwords = demo.sign_ins(plan)
    for login, (_, _, words) in demo.STAFF.items():
        console.print(f"  {login:<14} {passwords[login]:<14} {_say(*words)}", markup=False)


def _serve(host: str, port: int) -> int:
    """Pages and worker as two children; when one ends or a signal comes, both are ended. Returns the exit code of the first to end."""
    environment = os.environ | {"LINLI_DEMO": "1"}
    linli = [sys.executable, "-c", "from linli.site.command import main; main()"]
    children = [
        subprocess.Popen([*linli, "serve", "--host", host, "--port", str(port)], env=environment),
        subprocess.Popen([*linli, "worker"], env=environment),
    ]
    stop = {"asked": False}

    def end(*_: object) -> None:
        stop["asked"] = True
        for child in children:
            child.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while all(child.poll() is None for child in children):
        time.sleep(0.3)
    first = next(child for child in children if child.poll() is not None)
    end()
    for child in children:
        child.wait()
    return 0 if stop["asked"] and first.returncode in (0, -signal.SIGTERM) else first.returncode or 0
