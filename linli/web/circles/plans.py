"""Plans of circles in words: what is done about each gap, by whom, until when, for how much; and the form of one action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.casework.workplaces import staffed_in
from linli.circles import queries
from linli.circles.acts.plans import LONGEST, ROLE, unheard
from linli.circles.few import Split, exact_for
from linli.circles.models import Action, Circle, Plan
from linli.circles.queries import Step
from linli.circles.queries.coverage import split_of
from linli.circles.reckoning.figures import stated
from linli.kernel.viewer import Viewer
from linli.rules import Label
from linli.web.circles import said
from linli.web.circles.ranking import circle_words
from linli.web.frame.counted import counted
from linli.web.places.stating import StatedForm
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import words
from linli.web.works.forms import YuanField

# state of an action -> kind of tag, icon, word
STATES: dict[str, tuple[str, str, Any]] = {
    "proposed": ("open", "pencil", gettext_lazy("拟议")),
    "open": ("note", "clock", gettext_lazy("进行中")),
    "closed": ("good", "tick", gettext_lazy("缺口补上，已办结")),
    "dropped": ("not", "dash", gettext_lazy("不办了")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An action in words. trigger: what set it going, as measured then; now: how the gap stands; late: by how many days, or "";
    lacks: what is to be filled in before the plan can be adopted.
    """

    action: Action
    circle: Circle
    name: str
    title: str
    what: str
    trigger: str
    now: str
    gap: tuple[str, str, Any]
    kind: str
    sign: str
    state: str
    late: str
    told: str
    lacks: tuple[str, ...]


def rows(viewer: Viewer, steps: list[Step]) -> list[Row]:
    """Actions in words, with their people as the viewer is told of them. No query."""
    return [_row(viewer, one) for one in steps]


def _row(viewer: Viewer, step: Step) -> Row:
    action, gap = step.action, step.action.gap
    exact = exact_for(viewer, action.plan.circle.area_code)
    then, now = Split(action.trigger["covered"], action.trigger["uncovered"], exact=exact), split_of(gap, exact=exact)
    kind, sign, state = STATES[action.state]
    return Row(
        action,
        action.plan.circle,
        circle_words(action.plan.circle),
        words(Label(action.title_zh, action.title_en)),
        said.norm_words(gap.norm),
        _("%(people)s 人走不到") % {"people": words(then.left)},
        _("%(people)s 人走不到") % {"people": words(now.left)},
        said.STATES.get(stated(gap.state, now.people), ("not", "dash", gettext_lazy("不再要求"))),
        kind,
        sign,
        str(state),
        counted("逾期 %(days)s 天", days=step.days) if step.days else "",
        _("已报%(who)s") % {"who": words(step.rung.label)} if step.rung else "",
        _lacking(action),
    )


def _lacking(action: Action) -> tuple[str, ...]:
    if action.state != "proposed":
        return ()
    asked = ((_("责任单位"), action.owner), (_("完成期限"), action.due_on), (_("预算"), action.budget_fen))
    return tuple(name for name, given in asked if given in (None, ""))


@dataclass(frozen=True, slots=True)
class News:
    """What a plan tells whoever works here: an action that is overdue, whose gap is open again, or that a computation has closed."""

    row: Row
    kind: str
    sign: str
    words: str
    to_read: bool


def news(viewer: Viewer) -> list[News]:
    """What plans have to tell the viewer, in words. Two queries at most; one of them a page with tasks asks in any case."""
    return [_news(word, row) for word, row in ((word, _row(viewer, word.step)) for word in queries.words_for(viewer))]


def _news(word: queries.Word, row: Row) -> News:
    if word.why == "overdue":
        return News(row, "bad", "warning", _("；").join(part for part in (row.late, row.told) if part), word.to_read)
    if word.why == "reopened":
        return News(row, "open", "clock", _("缺口再现，措施重新进行"), word.to_read)
    return News(row, "good", "tick", str(row.state), word.to_read)


def may_plan(viewer: Viewer, circle: Circle) -> bool:
    """Whether the viewer drafts, adopts and issues the circle's plan."""
    return viewer.may(ROLE, area=circle.area_code)


def may_report(viewer: Viewer, circle: Circle) -> bool:
    """Whether the viewer may say that an action was carried out."""
    return may_plan(viewer, circle) or viewer.may("officer", area=circle.area_code)


def standing(plan: Plan | None) -> list[Step]:
    """What the plan does. One query."""
    return queries.steps(plan) if plan else []


def silent(rows: list[Row], circle: Circle) -> list[str]:
    """Owners of what is proposed or under way where nobody works who would hear of it. One query."""
    return unheard((row.action.owner for row in rows if row.action.state in ("proposed", "open")), circle.area_code)


class ActionForm(StatedForm):
    """Who does what until when and for how much."""

    title_zh = forms.CharField(label=gettext_lazy("做什么"), max_length=LONGEST["title_zh"], widget=forms.Textarea(attrs={"rows": 2}))
    title_en = forms.CharField(label=gettext_lazy("英文"), max_length=LONGEST["title_en"], widget=forms.Textarea(attrs={"rows": 2}))
    owner = forms.CharField(
        label=gettext_lazy("责任单位"),
        help_text=gettext_lazy("从有人工作的单位中选，逾期和缺口再现会告诉那里的人"),
        max_length=LONGEST["owner"],
        required=False,
        widget=forms.TextInput(attrs={"list": "owners", "autocomplete": "off"}),
    )
    unstaffed = forms.BooleanField(label=gettext_lazy("没有人在那里工作，仍然由它办"), required=False)
    due_on = DayField((2020, 2100), label=gettext_lazy("完成期限"), required=False)
    budget_fen = YuanField(label=gettext_lazy("预算（元）"), help_text=gettext_lazy("不花钱的写 0"), required=False)


def owners(circle: Circle) -> list[str]:
    """Who can own an action: the departments in which somebody works, of the circle's area, within it or above it. One query."""
    return staffed_in(circle.area_code)


class DoneForm(forms.Form):
    """When an action was carried out."""

    on = DayField((2020, 2100), label=gettext_lazy("哪天做完的"), require_all_fields=True)
