"""`linli serve`: the pages, by gunicorn with threads; static files by WhiteNoise in the same processes."""

from __future__ import annotations

import os
import sys

import click

from linli.site import counters, environment
from linli.site.environment import exclusively


def gunicorn_arguments(host: str, port: int, workers: int, threads: int) -> list[str]:
    """The command line of the server. No access log: a reader's path through the pages is nobody's business."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "linli.site.wsgi:application",
        "--bind",
        f"{host}:{port}",
        "--worker-class",
        "gthread",
        "--workers",
        str(workers),
        "--threads",
        str(threads),
        "--log-level",
        "warning",
        "--logger-class",
        "linli.site.server_log.ServerLog",
        "--no-control-socket",
        "--limit-request-line",
        "8190",
        "--graceful-timeout",
        "10",
        "--timeout",
        "60",
        "--max-requests",
        "20000",
        "--max-requests-jitter",
        "2000",
    ]


def _processes() -> int:
    """Two for each processor. The threads of a process take turns, so that with one for each processor half of the people can meet in one
    of them while the other has nothing to do; a process needs some 200 MB."""
    return min(16, 2 * len(os.sched_getaffinity(0)))


def collect_assets() -> None:
    """Copy static files below the state folder with compressed twins, in place of what an earlier release or another start left there.

    One process at a time: two that collect at once would leave files behind that no app knows.
    """
    from django.core.management import call_command

    with exclusively(environment.state_folder() / "static.lock"):
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; a reverse proxy stands in front of any other.")
@click.option("--port", default=8000, type=click.IntRange(1, 65535), show_default=True, help="Port to listen on.")
@click.option(
    "--workers", default=_processes, type=click.IntRange(1, 64), show_default="two for each processor, 16 at most", help="Processes."
)
@click.option("--threads", default=4, type=click.IntRange(1, 256), show_default=True, help="Threads in each process.")
def command(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages until a signal ends it."""
    environment.prepare()
    from linli.vault.purpose import require_whole

    require_whole()
    collect_assets()
    os.environ.pop(counters.FOLDER, None)
    if folder := counters.shared_folder(environment.state_folder(), port):
        os.environ[counters.FOLDER] = str(folder)
    click.echo(f"http://{host}:{port}")
    sys.stdout.flush()
    arguments = gunicorn_arguments(host, port, workers, threads)
    os.execv(arguments[0], arguments)
