"""Cases in words: what waits in the inbox, how long it has, what happened, and the form of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.casework import corrections
from linli.casework.contesting import annulled
from linli.casework.corrections import Correction
from linli.casework.facts import CASE_OPENED
from linli.casework.inbox import ACCEPTING, COLOURS, KINDS, Choice, Item
from linli.casework.kinds import KINDS as CASE_KINDS
from linli.casework.kinds import LEVEL_WORDS, LEVELS, NOTICE_OBJECTION, QUESTION, RECOVERY
from linli.casework.models import Case
from linli.casework.queries import Due, Satisfaction, matter_label
from linli.casework.receipts import grouped
from linli.casework.steps.undoing import Returnable
from linli.entitlements.facts import RECOVERY_PROPOSED
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.programmes.published import everything
from linli.registers.lists import Column
from linli.registers.models import Resident
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.trace.facts import words_of
from linli.trace.models import Fact
from linli.web.frame.counted import counted
from linli.web.frame.own_words import OwnWords
from linli.web.office import corrected
from linli.web.programme.questions import DayField
from linli.web.templatetags.addresses import address
from linli.web.templatetags.texts import chinese, words

MOST_AT_ONCE = 100
KIND_WORDS = {
    **{slug: Label(kind.zh, kind.en) for slug, kind in CASE_KINDS.items()},
    "doubtful_rows": Label("存疑待核", "doubtful rows"),
    "list_question": Label("请部门核实", "department asked"),
    "draft": Label("待确认的政策", "reading to confirm"),
}
HANDED_IN = Label("待发布的草案", "draft to publish")
LAMPS = {"red": ("bad", "warning"), "yellow": ("open", "clock"), "green": ("good", "tick")}
LAMP_WORDS = {"red": gettext_lazy("红灯"), "yellow": gettext_lazy("黄灯"), "green": gettext_lazy("绿灯")}
BULK_WORDS = {
    "take": gettext_lazy("领取任务"),
    "keep": gettext_lazy("维持原信息"),
    "accept": gettext_lazy("受理"),
    "pass": gettext_lazy("通过，转下一步"),
}
ERASED = Label("资料已注销", "personal data erased")
ANNULLED = Label("原决定已撤销，重新办理", "the decision was annulled and is made anew")
NOT_ASKED = Label("核实没有多发，不再追回", "nothing was paid too much: nothing is asked back")


@dataclass(frozen=True, slots=True)
class Lamp:
    """A due time by colour, shape and words."""

    kind: str
    sign: str
    words: str
    at: datetime


def lamp(due: Due) -> Lamp:
    """“黄灯 · 还剩 1 个工作日”."""
    kind, sign = LAMPS[due.colour]
    return Lamp(kind, sign, f"{LAMP_WORDS[due.colour]} · {_left(due)}", due.at)


def time_left(due: Due) -> Lamp:
    """The same for the person whom it is about, without the office's lamps: “还剩 2 个工作日”."""
    kind, sign = LAMPS["yellow"] if due.colour == "red" else ("note", "clock")
    return Lamp(kind, sign, _left(due), due.at)


def _left(due: Due) -> str:
    if due.colour == "red":
        return counted("已超期 %(number)s 个工作日", number=-due.days) if due.days else _("已超期")
    if due.days is None:
        return _("未到期")
    return counted("还剩 %(number)s 个工作日", number=due.days) if due.days else _("今天到期")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the inbox. address: where it is dealt with, "" where the command line is the place; holder: who has taken it."""

    item: Item
    kind: Label
    title: str
    lamp: Lamp | None
    level: Label | None
    holder: str
    address: str


def rows(viewer: Viewer, items: Sequence[Item]) -> list[Row]:
    """The lines of a page. One query, for the names of those who have taken something."""
    names, lamps = names_of({item.holder for item in items if item.holder}), cache(lamp)
    return [_row(viewer, item, names, lamps) for item in items]


def _row(viewer: Viewer, item: Item, names: dict[str, str], lamps: Callable[[Due], Lamp]) -> Row:
    return Row(
        item,
        HANDED_IN if item.draft else KIND_WORDS[item.kind],
        words(item.what),
        lamps(item.due) if item.due else None,
        Label(*LEVEL_WORDS[item.level]) if item.level else None,
        _("我") if item.holder and item.holder == viewer.actor else names.get(item.holder, ""),
        _address(item),
    )


def _address(item: Item) -> str:
    if item.case:
        return address("office:case", item.case)
    if item.draft:
        return address("programmes:review", item.draft)
    if item.programme:
        return reverse("programmes:versions", args=[item.programme])
    asked = "?asked=1" if item.kind == QUESTION else ""
    return address("imports:doubts", item.delivery) + asked if item.delivery else ""


def returnable_rows(found: Iterable[Returnable]) -> list[tuple[UUID, str, str, datetime]]:
    """(case, receipt, what it is now, until when) of what can still be taken back."""
    return [(one.case.uid, grouped(one.case.receipt), words(matter_label(one.case)), one.until) for one in found]


def choice_of(query: QueryDict) -> Choice:
    """How the list is narrowed; anything unknown is left out."""
    kind, colour, level = query.get("kind", ""), query.get("colour", ""), query.get("level", "")
    programme = query.get("programme", "")
    known = dict(stepped()).get(programme)
    step = query.get("step", "")
    return Choice(
        kind if kind in KINDS else "",
        colour if colour in COLOURS else "",
        level if level in LEVELS else "",
        query.get("mine") == "1",
        programme if known is not None else "",
        step if step == ACCEPTING or step in dict(steps_of(programme)) else "",
    )


def stepped() -> list[tuple[str, Label]]:
    """(slug, words) of the programmes whose applications go through steps, of the files and of the office. Once a page one query."""
    versions = everything()
    return [(slug, several[-1].label) for slug, several in sorted(versions.items()) if several[-1].procedure]


def steps_of(programme: str) -> list[tuple[str, Label]]:
    """(id, words) of a programme's steps in any of its versions, beginning with acceptance; none for no programme. As stepped()."""
    versions = everything().get(programme, ()) if programme else ()
    found = {step.id: step.label for one in versions if one.procedure for step in one.procedure.steps}
    return [(ACCEPTING, Label("待受理", "to be accepted")), *found.items()] if found else []


def narrowing(choice: Choice) -> list[tuple[str, str]]:
    """The parts by which a list is narrowed, as fields of a form or parts of an address."""
    told = {
        "kind": choice.kind,
        "colour": choice.colour,
        "level": choice.level,
        "mine": "1" if choice.mine else "",
        "programme": choice.programme,
        "step": choice.step,
    }
    return [(name, value) for name, value in told.items() if value]


def narrowed(choice: Choice) -> str:
    """The same narrowing as part of an address, "" for the whole list."""
    query = urlencode(narrowing(choice))
    return f"?{query}" if query else ""


def selected(query: QueryDict) -> list[UUID]:
    """The cases that were ticked, as many as a bulk act takes; what is no id is left out."""
    found = []
    for text in query.getlist("case")[:MOST_AT_ONCE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def outcome_words(case: Case) -> Label | None:
    """How a case ended."""
    if not case.outcome:
        return None
    outcome = CASE_KINDS[case.kind].outcome(case.outcome)
    return Label(outcome.zh, outcome.en) if outcome else ERASED


def standing_words(case: Case) -> Label | None:
    """outcome_words(), unless what was decided was annulled since; of money that was asked back, that nothing is any more. One query at
    most."""
    if not annulled(case):
        return outcome_words(case)
    return NOT_ASKED if case.kind == RECOVERY.slug else ANNULLED


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a case: when, what, by whom."""

    at: datetime
    words: str
    more: str
    who: str


def steps(
    case: Case, facts: Iterable[Fact], staff: Mapping[str, str] | None = None, labels: Mapping[str, Label] = MappingProxyType({})
) -> list[Step]:
    """A case's timeline in words. At most two queries: for the names of staff, unless given, and of whoever acted for the person.

    labels: what the programme calls its steps.

    Who objected to a public notice is nobody's agent and stays unnamed: the notice promises it.
    """
    found = list(facts)
    known = names_of({fact.actor for fact in found}) if staff is None else staff
    others = {fact.actor for fact in found} - {case.subject}
    objectors = [one for one in others if one.startswith("resident:")]
    agents = dict.fromkeys(objectors, _("反映人")) if case.kind == NOTICE_OBJECTION.slug else _agents(others)
    names = {**agents, case.subject: _("本人"), **known}
    return [Step(fact.occurred_at, _said(case, fact), _proposed(case, fact) or _more(fact, labels), _who(fact, names)) for fact in found]


def _proposed(case: Case, fact: Fact) -> str:
    """With which outcome a first officer would end it; "" of any other fact."""
    found = CASE_KINDS[case.kind].outcome(fact.payload.get("outcome", "")) if fact.type == RECOVERY_PROPOSED.name else None
    return words(Label(found.zh, found.en)) if found else ""


def _said(case: Case, fact: Fact) -> str:
    """What happened, in words. An application that came in is not accepted yet: that is a step of its own, from which its clock runs."""
    if fact.type == CASE_OPENED.name and CASE_KINDS[case.kind].stepped:
        return _("收件")
    return words_of(fact.type, "zh" if chinese() else "en")


def _agents(actors: set[str]) -> dict[str, str]:
    """Residents among the actors, as who acted for the person. One query if there is one."""
    uids = {actor.removeprefix("resident:") for actor in actors if actor.startswith("resident:")}
    rows = Resident.objects.filter(uid__in=uids, erased_at__isnull=True) if uids else ()
    return {str(row): _("代办人 %(name)s") % {"name": row.name} for row in rows}


def _more(fact: Fact, labels: Mapping[str, Label]) -> str:
    told = fact.payload
    if told.get("step") in labels:
        returned = told.get("result") == "returned"
        return words(labels[told["step"]]) + (" · " + _("退回上一步") if returned else "")
    if "to_level" in told:
        return words(Label(*LEVEL_WORDS[told["to_level"]]))
    if "on_time" in told:
        return _("按时") if told["on_time"] else _("超期")
    if "change" in told:
        return _("领取") if told["change"] == "taken" else _("退回")
    return ""


def _who(fact: Fact, names: dict[str, str]) -> str:
    return names.get(fact.actor) or (_("代办人") if fact.actor.startswith("resident:") else _("系统"))


def rated(found: Satisfaction) -> dict[str, Any] | None:
    """Ratings for the page: the mean with one decimal, and beside it how many of the invited answered; None before anybody was."""
    if not found.invited:
        return None
    score = "" if found.score is None else f"{Decimal(found.score) / 100:.1f}"
    return {"score": score, "invited": found.invited, "answered": found.answered, "rate": f"{Decimal(found.per_mille) / 10:.0f}"}


class AnswerForm(forms.Form):
    """The end of a case. For a dispute about a person's record it also states what is right, which is recorded with the answer."""

    outcome = forms.ChoiceField(label=gettext_lazy("办理结果"), widget=forms.RadioSelect)
    words = OwnWords(label=gettext_lazy("给居民的说明"), help_text=gettext_lazy("居民会看到。没有照办的，请写明理由。"), rows=4)
    version = forms.IntegerField(widget=forms.HiddenInput())
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, case: Case, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.case = case
        outcomes = CASE_KINDS[case.kind].outcomes.values()
        if not CASE_KINDS[case.kind].told:
            self.fields["words"].label, self.fields["words"].help_text = _("办理情况"), _("没有办成的，请写明理由。")
        self.choice.choices = [(outcome.slug, words(Label(outcome.zh, outcome.en))) for outcome in outcomes]
        declaration = corrections.correctable(case)
        self.column = corrections.column_of(case)
        if declaration is not None:
            self._ask_what_is_right(declaration.presence is not None)
        elif self.column is not None:
            self._ask_what_the_register_says(self.column)
        self.order_fields(["outcome", "listed", "value", "valid_from", "words"])

    @property
    def choice(self) -> forms.ChoiceField:
        """The field of outcomes."""
        field = self.fields["outcome"]
        if not isinstance(field, forms.ChoiceField):
            raise AssertionError("the outcome is a choice")
        return field

    def _ask_what_is_right(self, presence: bool) -> None:
        record = corrections.current_record(self.case, clock.today())
        if presence or self.column is None:
            listed = [("yes", _("在名单上")), ("no", _("不在名单上"))]
            self.fields["listed"] = forms.ChoiceField(
                label=_("更正后：是否在名单上"), choices=listed, required=False, widget=forms.RadioSelect
            )
        if self.column is not None:
            now = record.data.get(self.column.fact) if record else None
            hint = _("名单上现在是：%(value)s") % {"value": corrected.shown(self.column, now)}
            self.fields["value"] = corrected.value_field(self.column, label=_("更正为"), help_text=hint, required=False)
        self.fields["valid_from"] = DayField(
            (1900, 2100),
            label=_("从哪天起"),
            help_text=_("选择“已更正”时填写。如果已经在名单中另行更正，这里留空。"),
            required=False,
            initial=record.valid_from if record else clock.today(),
        )

    def _ask_what_the_register_says(self, column: Column) -> None:
        now, since = corrections.registered(self.case, clock.today())
        hint = _("登记的是：%(value)s") % {"value": corrected.shown(column, now)}
        self.fields["value"] = corrected.value_field(column, label=_("更正为"), help_text=hint, required=False)
        if column.type == "area":
            day = DayField((1900, 2100), label=_("从哪天起"), required=False, initial=since or clock.today())
            self.fields["valid_from"] = day

    def correction(self) -> Correction | None:
        """What is right from which day on; None where nothing was stated here."""
        told, day = self.cleaned_data, self.cleaned_data.get("valid_from") or (None if "valid_from" in self.fields else clock.today())
        if told["outcome"] != "corrected" or day is None:
            return None
        if told.get("listed") == "no":
            return Correction(False, day)
        value = told.get("value")
        if self.column is None or self.column.fact is None:
            return Correction(True, day) if told.get("listed") == "yes" else None
        return None if value in (None, "") else Correction(True, day, {self.column.fact: corrected.stored_value(self.column, value)})


def show_problem(form: forms.Form, problem: LinliError) -> None:
    """A refusal beside its field, in the reader's language, with what to do next."""
    field = problem.place.field if problem.place and problem.place.field in form.fields else None
    form.add_error(field, said(problem))


def said(problem: LinliError) -> str:
    """A refusal with what to do next, in the reader's language."""
    told = (problem.zh, problem.remedy_zh) if chinese() else (problem.en, problem.remedy_en)
    return ("。" if chinese() else " ").join(part[:1].upper() + part[1:] for part in told if part)


def problem_words(problem: LinliError) -> str:
    """Why one case of several was refused."""
    return problem.zh if chinese() else problem.en
