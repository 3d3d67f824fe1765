"""The form in which somebody applies: nothing that a register holds is typed. What is left: the day it is about, what no register holds,
who is paid and where, and what they promise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.casework.letters.queries import masked_name
from linli.entitlements.acts import Account
from linli.entitlements.acts.applying import AUTHORITIES, Wanted
from linli.entitlements.paying import CANDIDATES, ORGANISATIONS, is_its_own, is_named, organisations_called
from linli.entitlements.told import by_word, open_facts
from linli.kernel.clock import today
from linli.kernel.errors import LinliError
from linli.kernel.identity import parse_credit_code
from linli.programmes.declaration import Material, Programme
from linli.programmes.procedure.declaration import PAYEES
from linli.registers.guardians import known_guardians
from linli.registers.models import Organisation, Resident
from linli.web.applying.promises import FACT, fact_fields, stated
from linli.web.frame.counted import counted
from linli.web.money.accounts import PARTS, bank_field, holder_field, number_field, wrong_holder
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import day, words, yuan

ON_RECORD, ANOTHER = "record", "another"
RECEIVING = "payee_named"
RELATION_WORDS = {"guardian": gettext_lazy("监护人"), "father": gettext_lazy("父亲"), "mother": gettext_lazy("母亲")}
NAMED_WORDS = {
    "school": gettext_lazy("学校全称或统一社会信用代码"),
    "provider": gettext_lazy("服务机构全称或统一社会信用代码"),
    "employer": gettext_lazy("用人单位全称或统一社会信用代码"),
}
"""What is asked where an organisation is paid, by the payee."""


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together: one page of the elder edition. key: its name in the form."""

    key: str
    title: Any
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Payee:
    """Somebody who may be paid. name: as the account has to bear it, "" while nobody knows."""

    kind: str
    uid: UUID | None
    label: str
    name: str

    @property
    def code(self) -> str:
        """Its value in the form."""
        return f"{self.kind}:{self.uid}" if self.uid else self.kind


class ApplyForm(forms.Form):
    """What an application asks of one person under one programme; fields that mean nothing for it are left out.

    at_window: a clerk fills it in, who also sees who speaks for an organisation.
    """

    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, programme: Programme, person: Resident, data: Any = None, *, at_window: bool = False, **more: Any) -> None:
        super().__init__(data, **more)
        self.programme, self.person = programme, person
        self.facts = {name: one for name, one in open_facts(programme).items() if name in by_word(programme)}
        self.promised = [one for one in programme.materials if one.exempt == "commitment"]
        self.paid = programme.payment is not None and any(one.id == "account" for one in programme.materials)
        self.organisation: Organisation | None = None
        self.receiving: Organisation | None = None
        if programme.subject == "organisation" and at_window:
            self._ask_organisation()
        self._ask_event()
        if len(self.payees) > 1:
            self.fields["payee"] = forms.ChoiceField(
                label=_("收款人"),
                widget=forms.RadioSelect,
                choices=[(one.code, one.label) for one in self.payees],
                initial=self.payees[0].code,
            )
        self._ask_payee()
        if self.paid:
            self._ask_account()
        self.fields |= fact_fields(programme, required=False)
        self._ask_promises()

    @cached_property
    def payees(self) -> list[Payee]:
        """Who may be paid, the first where nothing is chosen; organisations are named beside it. One query at most, for guardians."""
        allowed = self.programme.payment.payees if self.programme.payment else ("self",)
        found = [one for kind in allowed for one in self._payees(kind)]
        return found or [Payee(allowed[0], None, words(PAYEES[allowed[0]]), "")]

    def _payees(self, kind: str) -> Iterable[Payee]:
        if is_its_own(self.programme, kind):
            return [Payee(kind, None, _("申请的单位"), "")]
        if kind == "self":
            return [Payee(kind, None, _("本人"), self.person.name)]
        if kind == "guardian":
            return [
                Payee(kind, one.uid, f"{RELATION_WORDS[relation]} {masked_name(one.name)}", one.name)
                for one, relation in known_guardians(self.person)
            ]
        return [Payee(kind, None, words(PAYEES[kind]), "")]

    @property
    def payee(self) -> Payee:
        """Who is paid by what was chosen so far."""
        chosen = self.cleaned_data.get("payee") if hasattr(self, "cleaned_data") else None
        found = next((one for one in self.payees if one.code == chosen), self.payees[0])
        if is_its_own(self.programme, found.kind):
            return replace(found, name=self.organisation.name) if self.organisation else found
        if self.receiving is None or not is_named(self.programme, found.kind):
            return found
        return replace(found, uid=self.receiving.uid, name=self.receiving.name)

    @property
    def wants_account(self) -> bool:
        """Whether it is still to be said where to pay, once it is sent as filled in."""
        told = self.cleaned_data if self.is_bound else {}
        return self.paid and told.get("account") != ON_RECORD and not told.get("number")

    @property
    def groups(self) -> list[Group]:
        """Its visible fields, in the order in which they are asked."""
        event = self.programme.particulars.event
        told = tuple(name for name in self.fields if name.startswith(FACT))
        known = [
            Group("organisation", _("哪个单位申请"), ("credit_code", "authority")),
            Group("event", words(event.label) if event else "", ("event",)),
            Group("payee", _("钱付给谁"), ("payee", RECEIVING)),
            Group("account", _("钱发到哪里"), ("account", *PARTS)),
            Group("told", _("请您说明和承诺") if told else _("请您承诺"), (*told, "committed")),
        ]
        kept = [Group(one.key, one.title, tuple(name for name in one.fields if name in self.fields)) for one in known]
        return [one for one in kept if one.fields]

    def _ask_organisation(self) -> None:
        self.fields["credit_code"] = forms.CharField(
            label=_("统一社会信用代码"),
            help_text=_("照营业执照填 18 位"),
            max_length=30,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        self.fields["authority"] = forms.ChoiceField(
            label=_("怎样核对这位居民可以代表单位"),
            widget=forms.RadioSelect,
            choices=[(key, words(label)) for key, label in AUTHORITIES.items()],
        )

    def _ask_event(self) -> None:
        event = self.programme.particulars.event
        if event is not None:
            year = today().year
            self.fields["event"] = DayField(
                (year - 100, year), label=words(event.label), help_text=_claim_words(event.claim.days), require_all_fields=True
            )
            self.fields["event"].error_messages["required"] = _("请填写年、月、日。")

    def _ask_payee(self) -> None:
        kinds = [one.kind for one in self.payees if is_named(self.programme, one.kind)]
        if kinds:
            self.fields[RECEIVING] = forms.CharField(
                label=NAMED_WORDS[kinds[0]] if len(self.payees) == 1 else _("付给单位的，写全称或统一社会信用代码"),
                help_text=_("也可以只写名称的一部分"),
                required=len(self.payees) == 1,
                max_length=100,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def _ask_account(self) -> None:
        own = any(one.kind == "self" for one in self.payees) and not is_its_own(self.programme, "self")
        on_record = bool(self.person.account_cipher) and own
        if on_record:
            self.fields["account"] = forms.ChoiceField(
                label=_("钱发到哪里"),
                widget=forms.RadioSelect,
                choices=[(ON_RECORD, _("登记在册的账户")), (ANOTHER, _("另填一个账户"))],
                initial=ON_RECORD,
            )
        organised = [one.kind in ORGANISATIONS or is_its_own(self.programme, one.kind) for one in self.payees]
        people, firms = not all(organised), any(organised)
        holder = holder_field(people=people, firms=firms, required=False)
        holder.initial = self.payees[0].name if self.payees[0].kind == "self" else ""
        later = _("手边没有卡的，先空着，以后再填") if people else _("现在不知道的，先空着，以后再填")
        number = number_field(people=people, firms=firms, required=False, help_text=later)
        self.fields |= {"holder": holder, "number": number, "bank": bank_field()}

    def _ask_promises(self) -> None:
        if self.promised:
            self.fields["committed"] = forms.MultipleChoiceField(
                label=_("我承诺以下情况属实"),
                help_text=_("承诺代替证明材料；不属实的，要承担责任。不愿意承诺的不勾，改为交材料。"),
                widget=forms.CheckboxSelectMultiple,
                required=False,
                choices=[(one.id, words(one.label)) for one in self.promised],
            )

    def clean_credit_code(self) -> str:
        """An organisation on record. Raises ValidationError for a slip in the code, and for one that no register knows."""
        try:
            code = parse_credit_code(self.cleaned_data["credit_code"])
        except LinliError:
            raise forms.ValidationError(_("这不是统一社会信用代码，请照执照核对。")) from None
        self.organisation = Organisation.objects.filter(credit_code=code).first()
        if self.organisation is None:
            raise forms.ValidationError(_("登记中没有这个单位，请核对代码；没有登记过的，先在窗口首页的“登记单位”里登记。"))
        return code

    def clean(self) -> dict[str, Any]:
        """An account that is begun is given whole and is the payee's; what is stated is promised, and what is promised is stated."""
        told = super().clean() or {}
        if RECEIVING in self.fields and is_named(self.programme, self.payee.kind) and RECEIVING not in self.errors:
            self._find_payee(str(told.get(RECEIVING) or ""))
        if self.paid:
            self._check_account(told)
        for one in self.promised:
            self._check_promise(told, one)
        return told

    def _find_payee(self, said: str) -> None:
        """The organisation that is meant; where a name fits several, their names and codes are told."""
        found = organisations_called(said, self.payee.kind)
        if len(found) == 1:
            self.receiving = found[0]
        elif not said:
            self.add_error(RECEIVING, _("请写明付给哪个单位。"))
        elif not found:
            self.add_error(RECEIVING, _("登记中没有这个单位，请核对名称或代码；没有登记过的，请窗口先在“登记单位”里登记。"))
        else:
            listed = _("、").join(f"{one.name} {one.credit_code or ''}".strip() for one in found[: CANDIDATES - 1])
            more = _("等") if len(found) == CANDIDATES else ""
            self.add_error(RECEIVING, _("有几个单位符合：%(names)s%(more)s。请写全称或代码。") % {"names": listed, "more": more})

    def _check_account(self, told: Mapping[str, Any]) -> None:
        if told.get("account") == ON_RECORD:
            if self.payee.kind != "self":
                self.add_error("account", _("登记在册的是本人的账户。付给别人的，请填收款人的账户。"))
            return
        begun = any(told.get(name) for name in ("number", "bank")) or told.get("account") == ANOTHER
        for name in ("holder", "number"):
            if begun and not told.get(name) and name not in self.errors:
                self.add_error(name, _("请填写。"))
        if begun and told.get("holder") and (wrong := wrong_holder(told["holder"], self.payee.name)):
            self.add_error("holder", wrong)

    def _check_promise(self, told: Mapping[str, Any], one: Material) -> None:
        facts = [f"{FACT}{name}" for name in one.gives if name in self.facts]
        if one.id in told.get("committed", ()):
            for name in facts:
                if told.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, _("承诺了的，请写明。"))
        elif any(told.get(name) not in (None, "") for name in facts):
            self.add_error("committed", _("您写明了情况，请勾选对应的承诺：%(what)s。") % {"what": words(one.label)})

    def wanted(self, *, window: str = "", by_phone: bool = False) -> Wanted:
        """What is asked for. Without a number the account is given later."""
        told, payee = self.cleaned_data, self.payee
        other = told.get("account") != ON_RECORD and told.get("number")
        return Wanted(
            self.programme.slug,
            beneficiary=self.organisation.uid if self.organisation else None,
            account=Account(told["holder"], told["number"], told.get("bank", "")) if other else None,
            payee=payee.kind,
            payee_uid=payee.uid,
            committed=tuple(told.get("committed", ())),
            window=window,
            by_phone=by_phone,
            facts=stated(self.programme, told),
            event=told.get("event"),
            authority=told.get("authority", ""),
        )


def _claim_words(days: int | None) -> str:
    return counted("要在这一天以后 %(number)s 天内申请", number=days) if days else ""


def value_words(form: ApplyForm, name: str) -> str:
    """What was given for a field, in words; of an account number the last four digits."""
    value, field = form.cleaned_data.get(name), form.fields[name]
    if name == "number":
        return _("尾号 %(tail)s") % {"tail": value[-4:]} if value else ""
    if isinstance(field, forms.ChoiceField):
        chosen = value if isinstance(value, list) else [value]
        said = {str(choice.data["value"]): str(choice.choice_label) for choice in form[name].subwidgets if choice.data["value"]}
        return _("、").join(said[one] for one in chosen if one in said)
    return _plain(form, name, value)


def _plain(form: ApplyForm, name: str, value: Any) -> str:
    fact = form.facts.get(name.removeprefix(FACT))
    if value in (None, ""):
        return ""
    if name == "event" or (fact and fact.type.kind == "date"):
        return str(day(value))
    if fact and fact.type.kind == "money":
        return str(yuan(value))
    if name == RECEIVING:
        return f"{form.receiving.name} {form.receiving.credit_code or ''}".strip() if form.receiving else ""
    if name == "credit_code" and form.organisation:
        return f"{form.organisation.name} {value}"
    return f"{value}{getattr(form.fields[name], 'unit', '')}"
