"""What was sent to whom, in words: states, reasons of failure, mailings with their programmes' names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.notices import queries
from linli.notices.models import Delivery, Mailing
from linli.notices.writing import titled
from linli.programmes.queries import live_versions, programme_of

# Which states have a tab, in the order in which an officer has to do something about them.
SHOWN = ("failed", "unreachable", "waiting", "sent", "refused")


def state_words(state: str) -> str:
    """A state of a delivery or a mailing."""
    return {
        "failed": _("没有发出"),
        "unreachable": _("没有号码"),
        "waiting": _("等待发送"),
        "sending": _("正在发送"),
        "sent": _("已发出"),
        "refused": _("本人拒收"),
        "dropped": _("不再发送"),
        "held": _("等待放行"),
        "released": _("正在写信"),
        "done": _("已全部写出"),
    }[state]


# state -> (kind of tag, sign)
LOOKS = {
    "failed": ("bad", "cross"),
    "unreachable": ("open", "warning"),
    "waiting": ("note", "clock"),
    "sending": ("note", "clock"),
    "sent": ("good", "tick"),
    "refused": ("not", "dash"),
    "dropped": ("not", "dash"),
    "held": ("open", "warning"),
    "released": ("note", "clock"),
    "done": ("good", "tick"),
}


def channel_words(channel: str) -> str:
    """A way out of the house."""
    return {"sms": _("短信"), "email": _("电子邮件")}[channel]


def error_words(error: str) -> str:
    """Why a delivery failed, and what that means for whoever looks at it."""
    kind = error.partition(":")[0]
    if not kind:
        return ""
    known = {
        "notices.uncertain": _("不知道是否已经发出，先问本人，再决定是否重发"),
        "notices.restored": _("系统从备份恢复，可能在此之前已经发出，先核对，再决定是否重发"),
        "sms.busy": _("短信服务繁忙，多次没有接收"),
        "sms.unreachable": _("连不上短信服务"),
        "sms.refused": _("短信服务不接收这条短信，请核对号码"),
        "smtp.unreachable": _("连不上邮件服务器"),
        "smtp.refused": _("邮件服务器不接收，请核对地址"),
    }
    return known.get(kind) or _("系统原因，请告诉管理员")


@dataclass(frozen=True, slots=True)
class Shown:
    """A delivery as a row of a list. error: in words, "" where there is none."""

    row: Delivery
    title: Any
    channel: str
    state: str
    kind: str
    sign: str
    error: str


def shown(rows: list[Delivery]) -> list[Shown]:
    """Deliveries in words."""
    return [
        Shown(
            row,
            titled(row.notice.template),
            channel_words(row.channel),
            state_words(row.status),
            *LOOKS[row.status],
            error_words(row.error),
        )
        for row in rows
    ]


def tabs(viewer: Viewer, current: str) -> list[dict[str, Any]]:
    """The states with their numbers, then the mailings with the number of those that wait to be released."""
    numbers = queries.counts(viewer)
    found = [
        {
            "address": reverse("office:notices", args=[state]),
            "words": state_words(state),
            "current": state == current,
            "number": numbers[state],
        }
        for state in SHOWN
    ]
    held = queries.held(viewer)
    number = held.mailings if held else 0
    mailings = {"address": reverse("office:mailings"), "words": _("群发待放行"), "current": current == "mailings", "number": number}
    return [*found, mailings]


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mailing as a row of a list."""

    row: Mailing
    programme: Any
    state: str
    kind: str
    sign: str
    may_decide: bool


def mailed(viewer: Viewer) -> list[Mailed]:
    """The mailings with their programmes' names, and whether the viewer may decide about them. Two queries."""
    names = {version.slug: programme_of(version).label for version in live_versions(clock.today())}
    return [
        Mailed(
            row,
            names.get(row.programme, row.programme),
            state_words(row.state),
            *LOOKS[row.state],
            row.state == "held" and viewer.may("officer", programme=row.programme),
        )
        for row in queries.mailings(viewer)
    ]
