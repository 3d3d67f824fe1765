"""The navigation of whoever works here: one list of tabs, each shown where the viewer's grants put something behind it.

The first tab that a person sees is the page on which their sign-in ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.batches.queries import READERS as BATCHES
from linli.insight import queries as insight
from linli.insight.queries import READERS as FIGURES
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.notices.queries import READERS as LETTERS
from linli.registers.acts.separation import APART
from linli.registers.models import Staff
from linli.registers.queries.residents import READERS as REGISTER
from linli.registers.queries.staff import viewer_of
from linli.screening.queries import READERS as SCREENINGS
from linli.settlement.queries import READERS as PAYMENTS

ACCOUNT = "admin:account"
MOST = 7  # tabs that stand side by side; the rest are under 更多


@dataclass(frozen=True, slots=True)
class Tab:
    """One entry. address: of its page; shown: whether there is something behind it for a viewer, no query; pages: the names of the
    pages that belong to it, by how they begin."""

    address: str
    words: Any
    shown: Callable[[Viewer], bool]
    pages: tuple[str, ...]


def _any(*roles: str) -> Callable[[Viewer], bool]:
    """Some grant in one of the roles, whatever its area and programme."""
    return lambda viewer: viewer.all_seeing or not viewer.roles.isdisjoint(roles)


def _areas(*roles: str) -> Callable[[Viewer], bool]:
    """A grant in one of the roles over some area, for every programme."""
    return lambda viewer: any(viewer.areas(role) for role in roles)


def _figures(viewer: Viewer) -> bool:
    try:
        insight.require(viewer)
    except Refused:
        return False
    return True


# In the order of the menu, and of what is somebody's work before anything else: the first one shown is where they begin.
TABS = (
    Tab("admin:home", gettext_lazy("系统管理"), _any(*APART), ("admin:",)),
    Tab(
        "office:runs",
        gettext_lazy("政策匹配"),
        _any(*SCREENINGS),
        ("office:runs", "office:history", "office:overview", "office:person", "office:people"),
    ),
    Tab("window:find", gettext_lazy("窗口"), _areas("clerk"), ("window:",)),
    Tab(
        "steward:home",
        gettext_lazy("今天的任务"),
        _areas("steward"),
        ("steward:home", "steward:person", "steward:waiting", "steward:offline"),
    ),
    Tab("steward:places", gettext_lazy("我的楼栋"), _areas("steward"), ("steward:place",)),
    Tab("steward:reports", gettext_lazy("居民报告"), _areas("steward", "officer"), ("steward:report",)),
    Tab("office:inbox", gettext_lazy("待办"), _areas("officer", "clerk"), ("office:inbox", "office:case")),
    Tab("batches:list", gettext_lazy("批次发放"), _any(*BATCHES), ("batches:",)),
    Tab("programmes:list", gettext_lazy("政策管理"), _any(*SCREENINGS), ("programmes:",)),
    Tab("payments:home", gettext_lazy("发放"), _any(*PAYMENTS), ("payments:",)),
    Tab("imports:home", gettext_lazy("部门名单"), _areas("officer"), ("imports:",)),
    Tab("places:list", gettext_lazy("场所"), _areas("officer", "administrator"), ("places:",)),
    Tab("office:residents", gettext_lazy("居民"), _areas(*REGISTER), ("office:resident",)),
    Tab("city:home", gettext_lazy("全市概览"), _figures, ("city:", "circles:")),
    Tab(
        "office:notices_home",
        gettext_lazy("通知"),
        _any(*LETTERS),
        ("office:notices", "office:mailings", "office:decide_mailing", "office:send_again"),
    ),
    Tab("window:lacking", gettext_lazy("只差一项的人"), _areas("clerk"), ("window:lacking",)),
    Tab("office:downloads", gettext_lazy("我的表格"), _any(*SCREENINGS, *REGISTER, *FIGURES), ("office:download",)),
    Tab("steward:lacking", gettext_lazy("只差一项的人"), _areas("steward"), ("steward:lacking",)),
)


def start(viewer: Viewer) -> str:
    """The name of the page where somebody's work begins; their own account where nothing is granted. No query."""
    return next((tab.address for tab in TABS if tab.shown(viewer)), ACCOUNT)


@dataclass(frozen=True, slots=True)
class Entry:
    """A tab as the page shows it."""

    address: str
    words: Any
    current: bool


# A resident's own pages, by what stands on the tile that leads to them.
OWN_PAGES = (
    ({"letters", "reach", "mail"}, gettext_lazy("看信件")),
    ({"windows"}, gettext_lazy("去哪里办")),
    ({"visit"}, gettext_lazy("请人上门")),
    ({"mandates", "give_matter", "paper", "end_mandate", "agree_mandate", "take_up"}, gettext_lazy("请家人代办")),
    ({"reports"}, gettext_lazy("报告店铺变化")),
    ({"readings"}, gettext_lazy("谁看过我的信息")),
)


@dataclass(frozen=True, slots=True)
class Menu:
    """A viewer's tabs: those that stand side by side, and the rest. The one that the page belongs to is always among the first.

    account: whether the page is the reader's own account and no tab of theirs.
    """

    start: str
    first: tuple[Entry, ...]
    rest: tuple[Entry, ...]
    account: bool


def menu(page: str, viewer: Viewer) -> Menu:
    """The menu as a viewer sees it on the page of that name. No query."""
    shown = [tab for tab in TABS if tab.shown(viewer)]
    here = _here(page, shown)
    if here in shown[MOST:]:
        shown.remove(here)
        shown.insert(MOST - 1, here)
    found = tuple(Entry(reverse(tab.address), tab.words, tab is here) for tab in shown)
    return Menu(reverse(start(viewer)), found[:MOST], found[MOST:], here is None and page.startswith("admin:"))


def _here(page: str, shown: list[Tab]) -> Tab | None:
    """The tab with the longest beginning of the page's name."""
    fitting = [(len(begin), tab) for tab in shown for begin in tab.pages if page.startswith(begin)]
    return max(fitting, key=lambda one: one[0])[1] if fitting else None


def opens(page: str, viewer: Viewer) -> bool:
    """Whether the page of that name is one of the viewer's tabs. No query."""
    tab = _here(page, list(TABS))
    return tab is not None and tab.shown(viewer)


def page_words(page: str) -> str:
    """Where a page of that name belongs, in words: its tab, the interface or a resident's own page; any other by its name."""
    tab = _here(page, list(TABS))
    if tab is not None:
        return str(tab.words)
    if page.startswith("my:"):
        return str(next((told for names, told in OWN_PAGES if page.removeprefix("my:") in names), _("我的")))
    return _("开放接口") if page.startswith("api-") else page


def menu_of(request: HttpRequest) -> Menu | None:
    """The menu of whoever is signed in as staff. Pages for staff know their viewer; where no page answered, one query finds it."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None and isinstance(person := getattr(request, "user", None), Staff | SimpleLazyObject) and person.is_authenticated:
        viewer = viewer_of(cast(Staff, person))
    if viewer is None:
        return None
    return menu(request.resolver_match.view_name if request.resolver_match else "", viewer)
