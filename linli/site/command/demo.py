"""`linli demo`: set the demo city up, and serve it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, field
from pathlib import Path

import click
from django.conf import settings
from django.db import OperationalError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from linli.kernel.errors import LinliError
from linli.site import demo
from linli.site.children import run_together
from linli.site.command import language
from linli.site.crew import Crew
from linli.site.environment import exclusively

SECONDS_BETWEEN_LINES = 5

BUSY = LinliError(
    "demo.busy",
    zh="另一个进程正在设置同一个演示城市",
    en="Another process is setting up the same demo city.",
    expected=("一个状态文件夹同一时间只运行一个", "one at a time on one state folder"),
    remedy_zh="等它完成，或用 LINLI_STATE 另选一个目录",
    remedy_en="wait until it has finished, or choose another folder with LINLI_STATE",
)

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
    _need_free(host, port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _up(residents, seed)
    except KeyboardInterrupt:
        click.echo(_say("已停止；下次启动从中断处继续", "stopped; the next start goes on from here"), err=True)
        sys.exit(130)
    serve = ("serve", "--host", host, "--port", str(port))
    sys.exit(run_together([serve, ("worker",)], os.environ | {"LINLI_DEMO": "1"}, _ended))


PROCESSES = {"serve": ("网站进程", "the site's process"), "worker": ("后台进程", "the worker")}


def _ended(command: str, code: int) -> None:
    """One of the processes has ended by itself: say which, and that the demo stops, before the others do."""
    name = _say(*PROCESSES[command])
    how = signal.Signals(-code).name if code < 0 else _say(f"退出码 {code}", f"exit code {code}")
    zh = f"{name}（linli {command}）意外结束：{how}。演示停止；数据都在，再运行一次就从这里继续。内存不足是常见原因。"
    en = f"{name} (linli {command}) ended by itself: {how}. The demo stops; run it again to go on. Often memory ran short."
    click.echo(_say(zh, en), err=True)


def _need_free(host: str, port: int) -> None:
    """Refuse a port that is taken before minutes are spent on the city."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise LinliError(
                "demo.port_taken",
                zh="网址的端口无法使用",
                en="The port of the site's address can't be used.",
                expected=("没有被占用的端口", "a free port"),
                found=f"{host}:{port}: {error.strerror}",
                remedy_zh=f"停止占用它的程序，或换一个端口：make demo PORT={port + 1}",
                remedy_en=f"stop the program that has it, or take another: make demo PORT={port + 1}",
            ) from error


def _up(residents: int | None, seed: int) -> None:
    began = time.monotonic()
    console = Console(highlight=False)
    console.print(_say("准备数据库", "preparing the database"))
    state = Path(settings.LINLI_STATE)
    with exclusively(state / "demo.lock", BUSY):
        try:
            plan = _set_up(console, state, residents, seed)
        except (BrokenExecutor, OperationalError, OSError) as error:
            raise _cut_off(error) from error
    console.print(_say(f"就绪，用时 {time.monotonic() - began:.0f} 秒", f"ready after {time.monotonic() - began:.0f} s"))
    _print_sign_ins(console, plan)


def _set_up(console: Console, state: Path, residents: int | None, seed: int) -> demo.Demo:
    plan = demo.open_demo(state, residents, seed)
    with demo.crew_for(plan) as crew:
        demo.migrate()
        console.print(_say(f"演示城市：{plan.residents} 位虚构居民", f"demo city: {plan.residents} made-up residents"))
        for step in demo.steps():
            if step.name in plan.done:
                console.print(f"  ✓ {_say(*step.words)}", style="dim")
        for step in demo.missing(plan, crew):
            _take(console, plan, crew, step)
    return plan


def _cut_off(error: Exception) -> LinliError:
    """A helper, the database or the disk gave out: nothing that was done is lost."""
    return LinliError(
        "demo.cut_off",
        zh="演示城市没有设好：辅助进程、数据库或磁盘中途失效",
        en="The demo city was cut off: a helper process, the database or the disk gave out.",
        found=str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__,
        remedy_zh="检查内存和磁盘空间后再次运行，从中断处继续",
        remedy_en="look at memory and disk space and run it again: it goes on from here",
    )


def _take(console: Console, plan: demo.Demo, crew: Crew, step: demo.Step) -> None:
    """Run one step under a progress bar and leave one line behind."""
    columns = (TextColumn("  … {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with demo.timed(plan, step), Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(_say(*step.words), total=None)
        plainly = _Plainly(console, _say(*step.words))

        def tell(done: int, of: int) -> None:
            shown.update(task, completed=done, total=of)
            if not console.is_terminal:
                plainly.tell(done, of)

        brought = step.run(plan, crew, tell)
    console.print(f"  ✓ {_say(*step.words)} · {_say(*brought)} · {plan.done[step.name]:.1f} s", soft_wrap=True)


@dataclass(slots=True)
class _Plainly:
    """Progress where the output is a file or a pipe: a line every few seconds."""

    console: Console
    words: str
    last: float = field(default_factory=time.monotonic)

    def tell(self, done: int, of: int) -> None:
        if time.monotonic() - self.last >= SECONDS_BETWEEN_LINES:
            self.last = time.monotonic()
            self.console.print(f"  … {self.words} {done}/{of}", soft_wrap=True)


def _print_sign_ins(console: Console, plan: demo.Demo) -> None:
    console.print(_say("登录账号（/office/）：", "sign-ins (/office/):"))
    passwords = demo.sign_ins(plan)
    for login, (_, _, words) in demo.STAFF.items():
        console.print(f"  {login:<17} {passwords[login]:<14} {_say(*words)}", markup=False, soft_wrap=True)
