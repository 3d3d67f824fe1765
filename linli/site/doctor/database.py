"""Checks of the database: version, settings, character type, extensions, role, clock, schema, keys in use, queue, parked facts."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from linli.casework.unmanned import unstaffed
from linli.kernel import clock
from linli.registers.bitemporal import true_on
from linli.registers.encoding import require_chinese
from linli.registers.models import Staff, StaffGrant
from linli.site import health, metrics
from linli.site.backup.checking import known_migrations
from linli.site.backup.taking import applied_migrations
from linli.site.cluster import FLOOR
from linli.site.doctor import grounds
from linli.site.doctor.findings import FAIL, OK, WARN, Check, Finding
from linli.site.doctor.guards import guards
from linli.trace.models import Parked
from linli.vault import keyring, rotation
from linli.vault.files.checking import faults
from linli.vault.models import PersonKey

EXTENSIONS = frozenset({"pg_trgm", "btree_gist"})
ZONES = frozenset({"UTC", "Etc/UTC", "GMT", "Asia/Shanghai", "PRC"})
BUFFERS = 256 << 20
SKEW_WARN, SKEW_FAIL = timedelta(seconds=2), timedelta(seconds=60)
FILES_LOOKED_AT = 200
QUEUE_LATE, QUEUE_STUCK = 10 * 60, 60 * 60


def version() -> Finding:
    """The server's version."""
    number = int(_value("SELECT current_setting('server_version_num')::int"))
    words = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    if number < FLOOR * 10_000:
        return Finding("postgresql", FAIL, words, words, f"升级到 {FLOOR} 或更新", f"upgrade to {FLOOR} or newer")
    return Finding("postgresql", OK, words, words)


def server_settings() -> dict[str, str]:
    """Of the settings that matter, those that the server runs with. One query."""
    names = ["fsync", "full_page_writes", "synchronous_commit", "TimeZone", "shared_buffers"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, reset_val FROM pg_settings WHERE name = ANY(%s)", [names])
        return dict(cursor.fetchall())


def durability() -> Finding:
    """What was confirmed must survive a power cut."""
    found = server_settings()
    off = [name for name in ("fsync", "full_page_writes", "synchronous_commit") if found[name] == "off"]
    if off:
        told = ", ".join(off)
        zh, en = f"{told} = off：断电会丢失已确认的内容", f"{told} = off: a power cut loses what was confirmed"
        return Finding("durability", FAIL, zh, en, "在 postgresql.conf 中打开", "turn it on in postgresql.conf")
    return Finding("durability", OK, "断电不丢已确认的内容", "what is confirmed survives a power cut")


def tuning() -> Finding:
    """The server's zone and its memory, both left as a package installs them."""
    found = server_settings()
    buffers = int(found["shared_buffers"]) * 8192
    wrong = []
    if found["TimeZone"] not in ZONES:
        wrong.append(f"timezone = {found['TimeZone']} (UTC)")
    if buffers < BUFFERS:
        wrong.append(f"shared_buffers = {buffers >> 20} MB ({BUFFERS >> 20} MB)")
    if wrong:
        told = ", ".join(wrong)
        return Finding("tuning", WARN, told, told, "按括号中的值设置 postgresql.conf", "set them in postgresql.conf as in brackets")
    return Finding("tuning", OK, "时区和内存设置合适", "zone and memory are set")


def characters() -> Finding:
    """Search by Chinese names needs a character type that knows Chinese."""
    require_chinese(connection)
    return Finding("characters", OK, "UTF-8，支持中文检索", "UTF-8, and Chinese names can be searched")


def extensions() -> Finding:
    """Search and the exclusion of overlapping periods rest on them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        missing = sorted(EXTENSIONS - {name for (name,) in cursor.fetchall()})
    if missing:
        told = ", ".join(missing)
        how = "; ".join(f"CREATE EXTENSION {name}" for name in missing)
        return Finding("extensions", FAIL, f"缺少扩展 {told}", f"{told} missing", how, how)
    told = ", ".join(sorted(EXTENSIONS))
    return Finding("extensions", OK, told, told)


def role() -> Finding:
    """A role that owns the tables, or a superuser, can remove the triggers that protect the trace."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, pg_has_role(current_user, relowner, 'MEMBER') FROM pg_roles, pg_class"
            " WHERE rolname = current_user AND pg_class.oid = to_regclass('trace_fact')"
        )
        name, superuser, owner = cursor.fetchone()
    if superuser or owner:
        what = ("超级用户", "a superuser") if superuser else ("数据表的所有者", "the owner of the tables")
        zh, en = f"以{what[0]} {name} 连接，能拆除留痕的保护", f"connected as {name}, {what[1]}, who could remove the trace's guards"
        return Finding("role", WARN, zh, en, "网站和后台进程改用 docs/operate 中的角色", "run web and worker as the roles in docs/operate")
    return Finding("role", OK, f"以 {name} 连接，不拥有数据表", f"connected as {name}, who owns no table")


def clocks() -> Finding:
    """This machine's clock against the database's, the way there and back shared between both."""
    before = time.monotonic()
    theirs = _value("SELECT clock_timestamp()")
    halfway = timedelta(seconds=(time.monotonic() - before) / 2)
    skew = abs(clock.now() - halfway - theirs)
    seconds = f"{skew.total_seconds():.1f}"
    zh, en = f"与数据库时钟相差 {seconds} 秒", f"{seconds} s from the database's"
    remedy = ("两台机器都用 NTP 对时", "keep both machines in time with NTP")
    if skew > SKEW_FAIL:
        return Finding("clock", FAIL, zh, en, *remedy)
    return Finding("clock", WARN, zh, en, *remedy) if skew > SKEW_WARN else Finding("clock", OK, zh, en)


def migrations() -> Finding:
    """The schema is this release's, no older and no newer."""
    behind = health.unapplied()
    if behind:
        told = ", ".join(f"{app}.{name}" for app, name in behind[:3])
        zh, en = f"有 {len(behind)} 步结构升级没有执行：{told}", f"{len(behind)} migrations to apply: {told}"
        return Finding("migrations", FAIL, zh, en, "linli db migrate", "linli db migrate")
    ahead = sorted(set(applied_migrations()) - known_migrations())
    if ahead:
        told = ", ".join(ahead[:3])
        zh, en = f"数据库比程序新：{told}", f"the database is newer than the program: {told}"
        return Finding("migrations", FAIL, zh, en, "安装新版本的程序", "install the newer release")
    return Finding("migrations", OK, "结构是最新的", "the schema is this release's")


def wrapped_keys() -> Finding:
    """Persons' keys against the key document: a generation that is missing there, or one that is not the newest."""
    ring = keyring.keyring()
    in_use = PersonKey.objects.filter(wrapped__isnull=False).order_by().values_list("wrapping_generation", flat=True).distinct()
    lost = sorted(set(in_use) - set(ring.generations("wrapping")))
    if lost:
        told = ", ".join(map(str, lost))
        zh, en = f"密钥文件缺少正在使用的第 {told} 代", f"the key document lacks generation {told}, which is in use"
        return Finding("wrapped-keys", FAIL, zh, en, "恢复含该代的密钥文件", "restore the key document that holds it")
    older = rotation.outdated()
    if older:
        zh, en = f"{older} 人的密钥仍用旧一代包裹", f"{older} persons' keys are wrapped by an older generation"
        return Finding("wrapped-keys", WARN, zh, en, "linli vault keys rewrap", "linli vault keys rewrap")
    return Finding("wrapped-keys", OK, "都用最新一代包裹", "all wrapped by the newest generation")


def worker() -> Finding:
    """Whether a worker lives."""
    silence = health.worker_silence()
    remedy = ("启动 linli worker", "start linli worker")
    if silence is None:
        return Finding("worker", FAIL, "没有后台进程", "none is running", *remedy)
    if silence > health.WORKER_SECONDS:
        zh, en = f"后台进程 {silence:.0f} 秒没有心跳", f"no heartbeat for {silence:.0f} s"
        return Finding("worker", FAIL, zh, en, *remedy)
    return Finding("worker", OK, "在运行", "it runs")


def queue() -> Finding:
    """How long the oldest job that could run has waited, and jobs that were given up."""
    waiting, failed, oldest = metrics.queue()
    zh, en = f"{waiting} 个任务等待，最久 {oldest / 60:.0f} 分钟", f"{waiting} jobs wait, the oldest for {oldest / 60:.0f} minutes"
    if failed:
        zh, en = f"{zh}；{failed} 个任务失败", f"{en}; {failed} failed"
    if oldest > QUEUE_STUCK:
        return Finding("queue", FAIL, zh, en, "多启动一个 linli worker，查看其日志", "start another linli worker and read its log")
    if oldest > QUEUE_LATE or failed:
        return Finding("queue", WARN, zh, en, "查看 linli worker 的日志", "read the log of linli worker")
    return Finding("queue", OK, zh, en)


def parked() -> Finding:
    """Facts that a reaction could not handle."""
    number = Parked.objects.count()
    if number:
        zh, en = f"{number} 条留痕的后续处理被搁置", f"{number} facts are parked"
        return Finding("parked", WARN, zh, en, "linli trace parked 查看原因", "see why with: linli trace parked")
    return Finding("parked", OK, "没有搁置的留痕", "none")


def desks() -> Finding:
    """Open requests for a visit at places that neither a steward nor an officer looks after."""
    alone = [area for area in unstaffed() if area]
    if alone:
        named = "、".join(alone[:5])
        zh, en = f"{len(alone)} 个地方有待办事项却没有人：{named}", f"{len(alone)} places have open tasks and nobody: {named}"
        remedy = ("在 /admin/ 给这些地方安排网格员、楼栋管家或经办人", "give these places a steward or an officer at /admin/")
        return Finding("desks", WARN, zh, en, *remedy)
    return Finding("desks", OK, "每件待办都有人可办", "every open task has somebody")


def identified() -> Finding:
    """Officers of whom nobody has checked which resident they are: till then their own and their family's matters are told by name only."""
    granted = StaffGrant.objects.filter(true_on(clock.today()), role="officer")
    officers = Staff.objects.filter(is_active=True, pk__in=granted.values("staff"))
    open_ones, all_ones = officers.filter(person=None).count(), officers.count()
    zh, en = f"{all_ones} 名经办人中 {open_ones} 名没有核对本人身份", f"{open_ones} of {all_ones} officers have no checked identity"
    if open_ones and not settings.LINLI_DEMO:
        remedy = (
            "请管理员在 /admin/ 的账号页上核对身份证号",
            "have an administrator check the identity number on the account's page at /admin/",
        )
        return Finding("own-matters", WARN, zh, en, *remedy)
    return Finding("own-matters", OK, zh, en)


def documents() -> Finding:
    """The newest documents' files are there and whole; `linli trace verify --deep` reads them all."""
    found = list(faults(newest=FILES_LOOKED_AT))
    if found:
        told = ", ".join(f"{one.address[:20]}… {one.state}" for one in found[:3])
        words = {"missing": "缺失", "altered": "被改动"}
        zh = f"{len(found)} 个加密文件有问题：" + "，".join(f"{one.address[:20]}… {words[one.state]}" for one in found[:3])
        remedy = ("从备份放回，见 docs/operate/backup.md", "put them back from a backup, see docs/operate/backup.md")
        return Finding("documents", FAIL, zh, f"{len(found)} encrypted files are not as they were kept: {told}", *remedy)
    zh, en = f"最近 {FILES_LOOKED_AT} 个文件都在且完整", f"the newest {FILES_LOOKED_AT} files are there and whole"
    return Finding("documents", OK, zh, en)


def _value(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


OF_SERVER: tuple[tuple[str, Check], ...] = (
    ("postgresql", version),
    ("durability", durability),
    ("tuning", tuning),
    ("characters", characters),
    ("clock", clocks),
    ("migrations", migrations),
)
OF_SCHEMA: tuple[tuple[str, Check], ...] = (
    ("extensions", extensions),
    ("role", role),
    ("guards", guards),
    ("wrapped-keys", wrapped_keys),
    ("worker", worker),
    ("queue", queue),
    ("parked", parked),
    ("desks", desks),
    ("own-matters", identified),
    ("network", grounds.network),
    ("timetable", grounds.timetable),
    ("plans", grounds.plans),
    ("documents", documents),
)
