"""Checks of what lies outside the database: encoding, files, keys, secrets, disk, calendar, letters, seals, backups, switches."""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from linli.casework.kinds import LATER, unstated
from linli.kernel import clock
from linli.kernel.workdays import workdays
from linli.papers.letters import kinds, missing_fonts
from linli.papers.letters.rendering import FONTS_PACKAGE
from linli.site.backup.files import NOTE, UNDER_WAY
from linli.site.doctor.findings import FAIL, OK, WARN, Check, Finding
from linli.trace.seals import KEY_FILE as SEAL_KEY
from linli.vault import erasures, keyring
from linli.vault.purpose import NEEDED, require_whole

GIGABYTE = 1 << 30
BACKUP_LATE, BACKUP_OLD = timedelta(hours=26), timedelta(days=8)
SEAL_LATE = timedelta(hours=50)
CALENDAR_AHEAD = timedelta(days=90)  # longer than any promise counts
CALENDAR_DUE = (11, 15)  # the State Council has said by then which days of the next year are free
PRIVATE_FOLDERS = ("downloads", "files", "imports", "screening")
"""Folders of the state that hold what people's rows say; the others may be read, such as the pages' styles, and never written."""
SECRET_LENGTH, SECRET_LETTERS = 32, 12


def encoding() -> Finding:
    """Names of people and files are Chinese."""
    found = {"stdout": sys.stdout.encoding or "", "files": sys.getfilesystemencoding()}
    wrong = [f"{name} {code}" for name, code in found.items() if code.lower().replace("-", "") != "utf8"]
    if wrong:
        told = ", ".join(wrong)
        return Finding("locale", FAIL, f"字符编码不是 UTF-8：{told}", f"not UTF-8: {told}", "设 LANG=C.UTF-8", "set LANG=C.UTF-8")
    return Finding("locale", OK, "UTF-8", "UTF-8")


def state_folder() -> Finding:
    """The folder is the service's account's to change, and the secrets and people's rows in it are nobody else's to read."""
    state = Path(settings.LINLI_STATE)
    secrets = (state / "secret", state / SEAL_KEY, erasures.list_file(), *(state / name for name in PRIVATE_FOLDERS))
    exposed = [path for path in secrets if path.exists() and path.stat().st_mode & 0o077]
    if exposed:
        names = " ".join(map(str, exposed))
        zh, en = f"其他账户可以读取 {names}", f"other accounts can read {names}"
        return Finding("state-folder", FAIL, zh, en, f"chmod go= {names}", f"chmod go= {names}")
    open_to_all = [path for path in (state, *sorted(state.iterdir())) if path.is_dir() and path.stat().st_mode & 0o002]
    if open_to_all:
        names = " ".join(map(str, open_to_all))
        zh, en = f"其他账户可以改动 {names}", f"other accounts can change {names}"
        return Finding("state-folder", FAIL, zh, en, f"chmod o-w {names}", f"chmod o-w {names}")
    if not os.access(state, os.W_OK):
        return Finding(
            "state-folder", FAIL, f"不能写入 {state}", f"{state} can't be written", "改正所有者", "give it to the service's account"
        )
    return Finding("state-folder", OK, str(state), str(state))


def keys() -> Finding:
    """The key document is there, well formed and nobody else's to read; which generation writes."""
    ring = keyring.keyring()
    newest = f"wrapping {ring.newest('wrapping')}, index {ring.newest('index')}"
    return Finding("keys", OK, f"密钥代次：{newest}", f"generations that write: {newest}")


def secret_key() -> Finding:
    """Sessions and signatures rest on it."""
    secret = str(settings.SECRET_KEY)
    if len(secret) < SECRET_LENGTH or len(set(secret)) < SECRET_LETTERS:
        zh, en = f"LINLI_SECRET_KEY 太弱（{len(secret)} 个字符）", f"LINLI_SECRET_KEY is weak ({len(secret)} characters)"
        how = "openssl rand -base64 48"
        return Finding(
            "secret-key", FAIL, zh, en, f"换成 {how} 生成的值；所有人需重新登录", f"take one from `{how}`; everybody signs in again"
        )
    return Finding("secret-key", OK, "长度足够", "long enough")


def disk() -> Finding:
    """Room where screening files, seals and, in a demo, the database lie."""
    state = Path(settings.LINLI_STATE)
    usage = shutil.disk_usage(state)
    free = f"{usage.free / GIGABYTE:.1f} GB"
    zh, en = f"数据目录剩余 {free}", f"{free} free for the state folder"
    remedy = ("扩容或清理旧的运行文件", "enlarge the disk or move old runs away")
    if usage.free < GIGABYTE // 2:
        return Finding("disk", FAIL, zh, en, *remedy)
    if usage.free < 5 * GIGABYTE or usage.free < usage.total // 20:
        return Finding("disk", WARN, zh, en, *remedy)
    return Finding("disk", OK, zh, en)


def calendar() -> Finding:
    """Deadlines in working days need the days of this year and of the next 90 days, from mid-November by notice and not by law alone."""
    today, days = clock.today(), workdays(Path(settings.LINLI_CITY))
    needed = sorted({today.year, (today + CALENDAR_AHEAD).year})
    notice_out = (today.month, today.day) >= CALENDAR_DUE
    for year in needed:
        remedy = (
            f"按国务院办公厅的节假日通知写 {days.folder}/{year}.yaml，期限当夜重新计算",
            f"write {days.folder}/{year}.yaml from the State Council's notice on public holidays; due days are counted again that night",
        )
        if year not in days.years:
            zh, en = f"没有 {year} 年的工作日安排", f"the working days of {year} are not declared"
            return Finding("calendar", FAIL if year == today.year else WARN, zh, en, *remedy)
        if days.years[year].provisional and (year == today.year or notice_out):
            zh, en = f"{year} 年的工作日安排还是暂定的", f"the working days of {year} are still provisional"
            return Finding("calendar", WARN, zh, en, *remedy)
    known = ", ".join(map(str, sorted(days.years)))
    return Finding("calendar", OK, f"已有 {known} 年", f"declared: {known}")


def promises() -> Finding:
    """A case begins only where its kind has a promised time; kinds of a later release than the city's file have the release's own."""
    missing = unstated()
    if not missing:
        return Finding("promises", OK, "每种事项都有承诺时限", "every kind of case has its promised time")
    file, kinds_told = Path(settings.LINLI_CITY) / "casework.yaml", ", ".join(missing)
    zh, en = f"{file} 里没有：{kinds_told}", f"{file} lacks: {kinds_told}"
    if set(missing) <= set(LATER):
        zh, en = f"{zh}（暂按软件自带的时限办理）", f"{en} (the release's own times hold)"
    remedy = "照软件自带的 cities/yuncheng/casework.yaml 补上这几行", "add their lines, as in cities/yuncheng/casework.yaml"
    return Finding("promises", WARN if set(missing) <= set(LATER) else FAIL, zh, en, *remedy)


def reading_purposes() -> Finding:
    """Nobody's data can be read for a purpose that the city's file lacks."""
    require_whole()
    return Finding("purposes", OK, f"{len(NEEDED)} 项查阅目的都已登记", f"all {len(NEEDED)} purposes are declared")


def letters() -> Finding:
    """Official letters need their fonts, and a city's own templates have to be well formed."""
    known = len(kinds(Path(settings.LINLI_CITY)))
    if missing := missing_fonts():
        zh, en = f"没有文书所用的字体：{'、'.join(missing)}", f"the fonts of letters are missing: {', '.join(missing)}"
        remedy = f"安装系统软件包 {FONTS_PACKAGE}，再重启服务", f"install the system's package {FONTS_PACKAGE} and restart the services"
        return Finding("letters", FAIL, zh, en, *remedy)
    return Finding("letters", OK, f"{known} 种文书，字体齐全", f"{known} kinds, and their fonts")


def text_messages() -> Finding:
    """Whether text messages leave the house."""
    if os.environ.get("LINLI_SMS", ""):
        token = os.environ.get("LINLI_SMS_TOKEN_FILE", "")
        if token:
            Path(token).read_text("utf-8")
        return Finding("sms", OK, "已配置短信网关", "a gateway is configured")
    zh, en = "没有短信网关，短信写入 sms.jsonl，谁也收不到", "no gateway: texts go to sms.jsonl and reach nobody"
    return Finding("sms", WARN, zh, en, "设 LINLI_SMS，见 docs/notices.md", "set LINLI_SMS, see docs/notices.md")


def switches() -> Finding:
    """Settings that are right for a demo only."""
    wrong = []
    if settings.DEBUG:
        wrong.append(("DEBUG 开着", "DEBUG is on", FAIL))
    if "*" in settings.ALLOWED_HOSTS:
        wrong.append(("LINLI_HOSTS 接受任何主机名", "LINLI_HOSTS answers to any name", FAIL))
    if settings.LINLI_DEMO:
        wrong.append(("LINLI_DEMO=1：演示模式", "LINLI_DEMO=1: a demo", WARN))
    elif settings.LINLI_SECOND_FACTOR != "required":
        wrong.append(("工作人员不需要第二道验证", "staff need no second factor", FAIL))
    if not settings.LINLI_HTTPS:
        wrong.append(("没有设 LINLI_HTTPS=1", "LINLI_HTTPS=1 is not set", WARN if settings.LINLI_DEMO else FAIL))
    if not wrong:
        return Finding("switches", OK, "适合正式运行", "fit for real use")
    state = FAIL if any(state == FAIL for *_, state in wrong) else WARN
    zh, en = "；".join(one for one, *_ in wrong), "; ".join(one for _, one, _ in wrong)
    return Finding("switches", state, zh, en, "正式运行前改正，见 docs/operate", "put right before real use, see docs/operate")


def seal() -> Finding:
    """The newest seal: only a seal shows that the newest facts were cut off."""
    taken = sorted((Path(settings.LINLI_STATE) / "seals").glob("*.json"), key=lambda path: path.stat().st_mtime)
    remedy = ("检查后台进程，或运行 linli trace seal --out 文件", "look at the worker, or run: linli trace seal --out FILE")
    if not taken:
        return Finding("seal", WARN, "还没有封存过留痕", "the trace was never sealed", *remedy)
    age = clock.now() - datetime.fromtimestamp(taken[-1].stat().st_mtime, clock.SHANGHAI)
    zh, en = f"最近的封存 {taken[-1].name}", f"the newest is {taken[-1].name}"
    if age > SEAL_LATE:
        return Finding("seal", WARN, zh, en, *remedy)
    return Finding("seal", OK, zh, en)


def backup() -> Finding:
    """The newest backup, by the note that each leaves."""
    note = Path(settings.LINLI_STATE) / NOTE
    remedy = ("见 docs/operate/backup.md", "see docs/operate/backup.md")
    if not note.exists():
        return Finding("backup", WARN, "还没有用 linli backup 备份过", "linli backup has never run here", *remedy)
    newest = json.loads(note.read_text("utf-8"))
    age = clock.now() - datetime.fromisoformat(newest["taken_at"])
    hours = int(age / timedelta(hours=1))
    zh, en = f"最近一次在 {hours} 小时前：{newest['folder']}", f"the newest is {hours} hours old: {newest['folder']}"
    if age > BACKUP_OLD:
        return Finding("backup", FAIL, zh, en, *remedy)
    if age > BACKUP_LATE or not Path(newest["folder"]).exists():
        gone = Path(newest["folder"]).exists()
        return Finding("backup", WARN, zh + ("" if gone else "（已不在原处）"), en + ("" if gone else " (no longer there)"), *remedy)
    return Finding("backup", OK, zh, en)


def restore() -> Finding:
    """A restore that was cut off: nobody may sign in before it has ended."""
    if (Path(settings.LINLI_STATE) / UNDER_WAY).exists():
        zh, en = "恢复没有做完，已删除的人可能又在库里", "a restore was cut off: people who were erased may be back"
        return Finding(
            "restore", FAIL, zh, en, "停止网站，再运行一次同样的 linli restore", "stop the site and run the same linli restore again"
        )
    return Finding("restore", OK, "没有未完成的恢复", "none was cut off")


def erasure_list() -> Finding:
    """It has to survive the loss of the state folder's disk."""
    file = erasures.list_file().resolve()
    if file.is_relative_to(Path(settings.LINLI_STATE).resolve()) and not settings.LINLI_DEMO:
        zh, en = f"删除名单与其他文件在同一处：{file}", f"the erasure list lies beside everything else: {file}"
        return Finding("erasures", WARN, zh, en, "用 LINLI_ERASURES 指定另一块磁盘上的文件", "name one on another disk with LINLI_ERASURES")
    return Finding("erasures", OK, str(file), str(file))


CHECKS: tuple[tuple[str, Check], ...] = (
    ("locale", encoding),
    ("state-folder", state_folder),
    ("keys", keys),
    ("secret-key", secret_key),
    ("switches", switches),
    ("disk", disk),
    ("calendar", calendar),
    ("promises", promises),
    ("purposes", reading_purposes),
    ("letters", letters),
    ("sms", text_messages),
    ("seal", seal),
    ("backup", backup),
    ("erasures", erasure_list),
    ("restore", restore),
)
