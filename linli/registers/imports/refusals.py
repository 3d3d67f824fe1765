"""What a delivery is refused for, and what is noted of single rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from linli.kernel.errors import LinliError, Place, Refused
from linli.papers.cells import Words
from linli.registers.lists import ListDeclaration
from linli.registers.models import ListImport

_NOTES = {
    None: ("这次提交的范围内没有此人或单位", "Nobody in the area of this delivery is known by this."),
    "name_differs": ("该号码登记在另一姓名下", "The number is registered under another name."),
    "identity_differs": ("同名同日出生者登记的是另一号码", "Somebody of this name and birth date is registered under another number."),
    "several_candidates": ("有多人符合", "Several people fit."),
    "area_differs": ("姓名和出生日期相符，地区缺失或不符", "Name and birth date fit; the area is missing or does not."),
    "duplicate_rows": ("同一对象有两行且内容矛盾", "Two rows about one subject contradict each other."),
}


def about_row(place: Place, reason: str | None, declaration: ListDeclaration) -> LinliError:
    """A note on a whole row: an unknown person (None) or a doubt."""
    zh, en = _NOTES[reason]
    return LinliError(
        f"imports.{reason or 'unknown'}",
        zh=zh,
        en=en,
        place=place,
        expected=declaration.column(declaration.key).en,
        expected_zh=declaration.column(declaration.key).zh,
        remedy_zh="核对号码、姓名和地区",
        remedy_en="check the number, the name and the area",
    )


def in_the_future(path: Path, as_of: date) -> LinliError:
    """A delivery cannot speak of a day that has not come."""
    return _refusal(
        path, "future", "名单日期在将来", "The delivery speaks of a day that has not come.", ("今天或更早", "today or earlier"), str(as_of),
        "核对 --as-of", "check --as-of",
    )  # fmt: skip


def empty(path: Path) -> LinliError:
    """A whole list without rows would end everybody's record."""
    return _refusal(
        path, "no_rows", "文件中没有数据行", "The file has no rows.", ("至少一行", "at least one row"), ("只有表头", "a header only"),
        "确无人员时请逐人结束记录", "if nobody is left, end the records one by one",
    )  # fmt: skip


def large_drop(path: Path, closed: int, held: int) -> LinliError:
    """More than half of a list at once is more often half a file than half a city."""
    return _refusal(
        path, "large_drop", "将有过半人员退出名单", "More than half of the list would end.",
        (f"最多 {held} 人中的一半", f"at most half of {held}"), (f"{closed} 人将退出", f"{closed} would end"),
        "确认文件完整；无误则加 --accept-drop，部分名单加 --partial",
        "check that the file is whole; then --accept-drop, or --partial for additions only",
    )  # fmt: skip


def outside(path: Path, whole: str, area: str) -> LinliError:
    """A delivery covers at most what its list covers."""
    return _refusal(
        path,
        "outside",
        "覆盖范围超出该名单",
        "The list does not cover this area.",
        (f"{whole} 以内的区划代码", f"a code inside {whole}"),
        area,
        "核对 --area",
        "check --area",
    )


def unreadable(path: Path, error: OSError) -> LinliError:
    """The file can't be opened."""
    return _refusal(
        path,
        "unreadable",
        "文件无法读取",
        "The file cannot be read.",
        ("可以读取的文件", "a readable file"),
        error.strerror or "",
        "核对文件",
        "check the file",
    )


def out_of_order(path: Path, as_of: date, later: ListImport) -> LinliError:
    """An older delivery can't be laid under a newer one."""
    return _refusal(
        path, "out_of_order", "已有更新的名单", "A newer delivery has been applied.",
        (f"{later.as_of} 或以后", f"{later.as_of} or later"), str(as_of),
        f"先撤销 {later.uid}，或导入更新的文件", f"undo {later.uid} first, or import a newer file",
    )  # fmt: skip


def no_import(uid: str) -> LinliError:
    """There is no import of this id."""
    return _refusal(
        None, "no_import", "没有这次导入", "There is no such import.", ("一次导入的编号", "the id of an import"), uid,
        "运行 linli registers imports 查看", "run `linli registers imports`",
    )  # fmt: skip


def undone(row: ListImport) -> LinliError:
    """It was undone before."""
    return _refusal(
        None,
        "undone",
        "该导入已撤销",
        "This import has been undone.",
        ("有效的导入", "an import in force"),
        str(row.uid),
        "无需再次撤销",
        "nothing more to do",
    )


def built_upon(row: ListImport, what: str) -> LinliError:
    """Something later depends on it."""
    return _refusal(
        None, "built_upon", "之后的导入或更正以它为基础", "Later imports or corrections build on it.",
        (f"没有比 {row.uid} 更晚的导入或更正", f"nothing later than {row.uid}"), what,
        "先撤销之后的导入，或导入更正后的名单", "undo what came later first, or import a corrected list",
    )  # fmt: skip


def wider_desk(row: int) -> Refused:
    """A doubtful row that may mean somebody outside the viewer's areas."""
    return Refused(
        "imports.wider_desk",
        zh="这一行可能是您范围以外的人，由范围更大的单位核实",
        en="This row may mean somebody outside your areas; an office with a wider grant looks into it.",
        found=f"row {row}",
        found_zh=f"第 {row} 行",
        remedy_zh="无需办理；市级经办人员会处理",
        remedy_en="nothing to do here: the city's officers settle it",
    )


def no_upload(uid: object) -> LinliError:
    """There is no such upload for whoever asks."""
    return _refusal(
        None, "no_upload", "没有这份文件，或已按期清除", "There is no such file, or it has been erased on time.",
        ("您自己的文件", "one of your own files"),
        str(uid), "重新上传", "send it again",
    )  # fmt: skip


def plan_changed(name: str) -> LinliError:
    """What was checked is not what would be applied."""
    return _refusal(
        Path(name), "plan_changed", "核对之后情况有变化，没有写入", "Something has changed since the check; nothing was written.",
        ("同样的文件、列和此前的提交", "the same file, columns and earlier deliveries"), ("有变化", "a change"),
        "重新核对一次", "check it again",
    )  # fmt: skip


def not_now(name: str, state: str) -> LinliError:
    """The file is being worked on, or is done."""
    return _refusal(
        Path(name), "not_now", "这份文件正在处理或已经写入", "The file is being worked on or has been applied.",
        ("等待下一步的文件", "a file that waits"), state,
        "等待完成；要改请重新上传", "wait for it; to change it send the file again",
    )  # fmt: skip


def broke_off(name: str) -> LinliError:
    """A failure of ours."""
    return _refusal(
        Path(name), "broke_off", "系统原因中断，没有写入", "It broke off for a reason of ours; nothing was written.", "", "",
        "再试一次；仍不行请告诉管理员", "try again; if it still fails tell an administrator",
    )  # fmt: skip


def _refusal(path: Path | None, code: str, zh: str, en: str, expected: Words, found: Words, remedy_zh: str, remedy_en: str) -> LinliError:
    expected_zh, expected_en = expected if isinstance(expected, tuple) else (None, expected)
    found_zh, found_en = found if isinstance(found, tuple) else (None, found)
    return LinliError(
        f"imports.{code}",
        zh=zh,
        en=en,
        place=Place(path.name) if path else None,
        expected=expected_en or None,
        found=found_en or None,
        expected_zh=expected_zh,
        found_zh=found_zh,
        remedy_zh=remedy_zh,
        remedy_en=remedy_en,
    )
