"""The questions of 查一查 as forms: the city's words for each fact, large choices, and values checked before any rule sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from linli.kernel.errors import LinliError
from linli.kernel.money import fen_from_yuan
from linli.rules import FactDeclaration, Label
from linli.screening.interview import ELSEWHERE, Case, Question
from linli.web.frame import city
from linli.web.templatetags.texts import role_words, words

ROLES = ("spouse", "child", "parent", "grandparent", "grandchild", "sibling", "other")
MOST_OF_A_ROLE = 6


def members_words(case: Case) -> list[str]:
    """The asker and the members as a list to tick: 'you', 'spouse', 'child 1', 'child 2'."""
    members = case.members or ()
    roles = [member.role for member in members]
    seen: dict[str, int] = {}
    found = [_("您")]
    for role in roles:
        seen[role] = seen.get(role, 0) + 1
        found.append(f"{role_words(role)} {seen[role]}" if roles.count(role) > 1 else role_words(role))
    return found


def _entry(question: Question, subject: str) -> Mapping[str, Any]:
    key = f"fact:{question.name}" if question.kind == "each" else question.key
    known = city.load(settings.LINLI_CITY, "questions.yaml")["questions"]
    found: Mapping[str, Any] = known.get(f"{key}@{subject}") or known.get(key) or {}
    return found


def question_words(question: Question, subject: str, programmes: Mapping[str, Label]) -> str:
    """The question itself. programmes: names by slug, for 'do you already have …?'."""
    entry = _entry(question, subject)
    if question.kind == "each" and "each" in entry:
        return words(entry["each"])
    if "ask" in entry:
        return words(entry["ask"])
    if question.kind == "holds":
        slug = question.name.removeprefix("holds.")
        return _("您已经享受“%(name)s”了吗？") % {"name": words(programmes.get(slug, slug))}
    label = words(question.fact.label) if question.fact else question.name
    if question.fact and question.fact.type.kind == "boolean":
        return _("是否：%(name)s？") % {"name": label}
    return _("%(name)s是？") % {"name": label}


def hint_words(question: Question, subject: str) -> str:
    """Where to find the answer, or nothing."""
    return words(_entry(question, subject).get("hint"))


def unit_words(question: Question) -> str:
    """What a number counts."""
    entry = _entry(question, "")
    if "unit" in entry:
        return words(entry["unit"])
    return _("元") if question.fact and question.fact.type.kind == "money" else ""


def value_words(question: Question, value: str) -> str:
    """A coded answer in words."""
    labels = _entry(question, "").get("values", {})
    if value in labels:
        return words(labels[value])
    fact = question.fact
    if fact and value in fact.values and fact.value_labels:
        return words(fact.value_labels[fact.values.index(value)])
    return value


def asking_ages() -> dict[str, int]:
    """The years of age from which the city asks for a fact, by fact; questions.yaml gives the legal basis of each."""
    known = city.load(settings.LINLI_CITY, "questions.yaml")["questions"]
    return {key.removeprefix("fact:"): entry["from_age"]["years"] for key, entry in known.items() if "from_age" in entry}


def fact_words(fact: FactDeclaration) -> str:
    """A fact's name."""
    return words(fact.label)


def yes_or_no(question: Question, value: bool) -> str:
    """A yes or no as the question asks for it: 有 or 没有 where it asks for something held, else 是 or 不是."""
    answers = _entry(question, "").get("answers")
    if answers:
        return words(answers["yes" if value else "no"])
    return _("是") if value else _("不是")


def coded_words(fact: str, code: str) -> Label | None:
    """The city's words for a coded value of a fact, None where it has none."""
    known = city.load(settings.LINLI_CITY, "questions.yaml")["questions"].get(f"fact:{fact}", {}).get("values", {}).get(code)
    return Label(known["zh"], known["en"]) if known else None


PARTS_OF_A_DAY = 3


class DayWidget(forms.MultiWidget):
    """Year, month and day in three boxes: nobody pages a calendar back to 1941."""

    template_name = "components/day.html"

    def __init__(self) -> None:
        super().__init__([forms.NumberInput(attrs={"inputmode": "numeric"}) for _part in range(3)])

    def decompress(self, value: date | None) -> list[int | None]:
        return [value.year, value.month, value.day] if value else [None, None, None]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        """The three boxes; a day that was sent as one, YYYY-MM-DD, counts as if it had been typed into them."""
        whole = str(data.get(name, "")).split("-")
        return whole if len(whole) == PARTS_OF_A_DAY else super().value_from_datadict(data, files, name)


class DayField(forms.MultiValueField):
    """A calendar day within the years that the fact allows."""

    def __init__(self, span: tuple[int, int], **more: Any) -> None:
        self.span = span
        super().__init__([forms.IntegerField(), forms.IntegerField(), forms.IntegerField()], widget=DayWidget(), **more)

    def compress(self, data_list: Sequence[int | None]) -> date | None:
        if not data_list:
            return None
        try:
            year, month, day = (int(part or 0) for part in data_list)
            found = date(year, month, day)
        except ValueError:
            raise ValidationError(_("没有这一天，请核对年、月、日。")) from None
        low, high = self.span
        if not low <= found.year <= high:
            raise ValidationError(_("年份应在%(low)s到%(high)s之间。") % {"low": low, "high": high})
        return found


class NumberField(forms.CharField):
    """A whole number, or an amount in yuan kept as fen, inside the fact's span."""

    def __init__(self, fact: FactDeclaration, **more: Any) -> None:
        self.fact = fact
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "input-short", "autocomplete": "off"})
        super().__init__(max_length=20, widget=widget, **more)

    def clean(self, value: Any) -> int | Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            number = self._number(text.replace("，", ",").replace(",", "").strip())
        except (ValueError, ArithmeticError, LinliError):
            raise ValidationError(_("请填数字。")) from None
        low, high = self.fact.span or (0, 10**12)
        if self.fact.type.kind != "decimal" and not low <= number <= high:
            raise ValidationError(_("这个数字超出了可能的范围。"))
        return number

    def _number(self, text: str) -> int | Decimal:
        if self.fact.type.kind == "money":
            return fen_from_yuan(text)
        if self.fact.type.kind == "decimal":
            return Decimal(text).quantize(Decimal(1).scaleb(-self.fact.type.scale))
        return int(text)


def answer_field(question: Question, **more: Any) -> forms.Field:
    """The field of an answer, as fits the fact: yes or no, large choices, a day, a number, a few words. required: in more."""
    fact = question.fact
    if question.kind == "holds" or (fact is not None and fact.type.kind == "boolean"):
        choices = [("yes", yes_or_no(question, True)), ("no", yes_or_no(question, False))]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **more)
    if fact is None:
        raise AssertionError("an answer is that of a fact")
    if fact.values:
        choices = [(value, value_words(question, value)) for value in fact.values]
        if not more["required"]:
            return forms.ChoiceField(choices=[("", _("不清楚")), *choices], widget=forms.Select(attrs={"class": "input-short"}), **more)
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **more)
    if fact.type.kind == "date":
        return DayField(fact.span or (1900, 2100), require_all_fields=True, **more)
    if fact.type.kind == "text":
        return forms.CharField(max_length=60, **more)
    return NumberField(fact, **more)


class QuestionForm(forms.Form):
    """One question. `value` is the answer as the interview takes it."""

    error_css_class = ""

    def __init__(self, question: Question, case: Case, subject: str, programmes: Mapping[str, Label], data: Any = None) -> None:
        super().__init__(data, auto_id="answer-%s")
        self.question, self.case = question, case
        self.words = question_words(question, subject, programmes)
        self.hint = hint_words(question, subject)
        self.unit = unit_words(question)
        {"members": self._members, "each": self._each, "place": self._place}.get(question.kind, self._single)()
        for field in self.fields.values():
            field.error_messages["required"] = _("请先回答，或者选“不清楚，先跳过”。")

    @property
    def alone(self) -> bool:
        """Whether the question itself is the only field's label; else each field names a person, and the question stands above them."""
        return list(self.fields) == ["answer"]

    @property
    def value(self) -> Any:
        """The answer of a valid form."""
        cleaned = self.cleaned_data
        if self.question.kind == "members":
            return [role for role in ROLES for _one in range(int(cleaned[role] or 0))]
        if self.question.kind == "each":
            return [self._of_person(place) for place in range(1 + len(self.case.members or ()))]
        answer = cleaned["answer"]
        return answer == "yes" if self._is_boolean() else answer

    def _of_person(self, place: int) -> Any:
        """The answer for one person of the household; None for the asker who has said it before, or where a box was left empty."""
        if place == 0 and self.question.name in self.case.facts:
            return None
        if "answer" in self.fields:
            return str(place) in self.cleaned_data["answer"]
        value = self.cleaned_data[f"person{place}"]
        return None if value == "" else value

    def _is_boolean(self) -> bool:
        fact = self.question.fact
        return self.question.kind == "holds" or (fact is not None and fact.type.kind == "boolean")

    def _single(self) -> None:
        if self._is_boolean() or self.question.fact is not None:
            self.fields["answer"] = answer_field(self.question, label=self.words, help_text=self.hint, required=True)

    def _place(self) -> None:
        named = [(code, words(name)) for code, name in city.counties()]
        choices = [*named, (ELSEWHERE, _("不在%(city)s") % {"city": words(city.city().label)})]
        self.fields["answer"] = forms.ChoiceField(label=self.words, help_text=self.hint, choices=choices, widget=forms.RadioSelect)

    def _members(self) -> None:
        numbers = [(str(number), str(number)) for number in range(MOST_OF_A_ROLE + 1)]
        for role in ROLES:
            few = numbers[:2] if role == "spouse" else numbers
            self.fields[role] = forms.ChoiceField(
                label=role_words(role), choices=few, required=False, initial="0", widget=forms.Select(attrs={"class": "input-tiny"})
            )

    def _each(self) -> None:
        people = list(enumerate(members_words(self.case)))
        if self.question.name in self.case.facts:
            people = people[1:]
        fact = self.question.fact
        if fact is None:
            raise AssertionError("a question about each person asks for a fact")
        if fact.type.kind == "boolean":
            choices = [*((str(place), name) for place, name in people), ("none", _("都没有"))]
            self.fields["answer"] = forms.MultipleChoiceField(
                label=self.words, help_text=self.hint, choices=choices, widget=forms.CheckboxSelectMultiple
            )
            return
        for place, name in people:
            self.fields[f"person{place}"] = answer_field(self.question, label=name, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        ticked = cleaned.get("answer")
        if self.question.kind == "each" and isinstance(ticked, list) and "none" in ticked and len(ticked) > 1:
            self.add_error("answer", _("“都没有”不能和其他人一起选。"))
        if self.question.kind == "each" and "answer" not in self.fields and not any(value not in (None, "") for value in cleaned.values()):
            self.add_error(next(iter(self.fields)), _("请先回答，或者选“不清楚，先跳过”。"))
        return cleaned
