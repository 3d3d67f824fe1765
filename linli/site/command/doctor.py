"""`linli doctor`: what is wrong with this installation, and what to do."""

from __future__ import annotations

import json
import sys

import click

from linli.site.command import language
from linli.site.doctor.examining import examine
from linli.site.doctor.findings import STATES, Finding, worst


@click.command()
@click.option("--json", "as_json", is_flag=True, help="for a program: every check with both languages")
def command(as_json: bool) -> None:
    """Look at everything this installation rests on. Exit code 0: all well, 1: something to look at, 2: something is wrong."""
    findings: list[Finding] = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            click.echo(finding.text(language()))
    state = worst(findings)
    if as_json:
        checks = [{name: getattr(finding, name) for name in Finding.__slots__} for finding in findings]
        click.echo(json.dumps({"state": state, "checks": checks}, ensure_ascii=False, indent=1))
    sys.exit(STATES.index(state))
