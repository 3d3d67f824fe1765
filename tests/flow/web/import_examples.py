"""A department's file of the disabled persons' list, as an officer uploads it."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from own_browser import number_of
from place_examples import VILLAGE, identity, person
from web_examples import born

from linli.kernel import clock
from linli.registers import acts
from linli.registers.models import Resident, Upload

LIST = "disability-certificate"
HEADERS = ("身份证号码", "姓名", "类别", "级别", "备注")
HOME = f"/office/imports/lists/{LIST}/"


def neighbours(number: int) -> list[Resident]:
    """People who live in 盐湖区 and are on no list yet."""
    lives = [acts.Lives("registered", VILLAGE, clock.today().replace(year=2020, day=1))]
    return [person(f"邻居{place}", identity=identity(born(50)), birth_date=born(50), situations=lives) for place in range(number)]


def row(who: Resident, kind: str = "视力", level: str = "一级") -> list[str]:
    return [number_of(who), who.name, kind, level, "无"]


def file(rows: list[list[str]], headers: tuple[str, ...] = HEADERS, name: str = "名单.csv") -> SimpleUploadedFile:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([headers, *rows])
    return SimpleUploadedFile(name, text.getvalue().encode())


def send(client: Client, sent: SimpleUploadedFile, **more: Any) -> Any:
    """Upload a file for the whole city; what the last page of the redirects is."""
    told = {"file": sent, "as_of": f"{clock.today():%Y-%m-%d}", "area": "1408", "whole": "1", **more}
    return client.post(HOME, told, follow=True)


def confirm_columns(client: Client, page: Any) -> Any:
    """Accept the columns as they were guessed."""
    text = page.content.decode()
    guessed = re.findall(r'name="(column-\d+)">(.*?)</select>', text, re.DOTALL)
    told = {name: chosen[0] if (chosen := re.findall(r'value="(\w+)" selected', options)) else "" for name, options in guessed}
    return client.post(page.request["PATH_INFO"], told, follow=True)


def apply(client: Client, page: Any, **more: str) -> Any:
    """Apply what the page of a checked file shows."""
    plan = re.search(r'name="plan" value="([^"]+)"', page.content.decode())
    assert plan
    return client.post(page.request["PATH_INFO"], {"verb": "apply", "plan": plan[1], **more}, follow=True)


def newest() -> Upload:
    return Upload.objects.latest("pk")
