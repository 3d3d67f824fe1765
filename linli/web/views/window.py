"""The window: a clerk of any county finds or registers a person, acts for them with their consent, and prints what they were told."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli import vault
from linli.agreements import queries as agreements
from linli.casework import acts as casework
from linli.casework import queries as cases
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.entitlements.queries import underway
from linli.kernel.clock import now, today
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.identity import masked
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers import acts
from linli.registers.acts.accounts import AT_WINDOW, require_clerk
from linli.registers.acts.guards import resident_of
from linli.registers.acts.window import register_at_window
from linli.registers.guardians import is_guarded
from linli.registers.matters import BENEFITS, CASE, ERRANDS, VISIT
from linli.registers.models import Mandate, Resident, ResidentAccount, Staff
from linli.registers.queries import accounts
from linli.screening import queries as screening
from linli.screening.models import Determination
from linli.web.frame import city, portals
from linli.web.person import mine
from linli.web.person.matters import case_label, labelled
from linli.web.programme import findings, shelf, ways_in
from linli.web.programme.questions import DayField
from linli.web.programme.steps import steps_of
from linli.web.templatetags.texts import chinese, words
from linli.web.views.my import WordsForm, problem_beside
from linli.web.views.office import for_staff

Page = Callable[..., HttpResponseBase]
PURPOSE = "registers.service"
EVIDENCE = {
    "present": ("本人到场，当面同意", gettext_lazy("本人到场，当面同意")),
    "paper": ("持有本人签字的授权委托书", gettext_lazy("持有本人签字的授权委托书")),
}
BY_PHONE = "phone"
CALLED = {BY_PHONE: ("本人来电，按登记的电话回拨核对，本人同意", gettext_lazy("本人来电：已按登记的电话回拨，核对是本人，本人同意"))}
"""How somebody who calls agrees: the clerk calls back at the telephone on record, which a stranger doesn't answer."""


class FindForm(forms.Form):
    """Exactly, or not at all: a whole number, or a whole name with the birth date."""

    identity = forms.CharField(
        label=gettext_lazy("身份证号"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    name = forms.CharField(label=gettext_lazy("或者姓名"), required=False, max_length=100)
    birth_date = DayField((1900, 2100), label=gettext_lazy("和出生日期"), required=False)

    def clean(self) -> dict[str, Any]:
        """One of the two ways must be whole."""
        data = super().clean() or {}
        if not data.get("identity") and not (data.get("name") and data.get("birth_date")) and not self.errors:
            self.add_error("identity", _("请填身份证号，或者姓名和出生日期。"))
        return data


class RegisterForm(forms.Form):
    """Somebody who is not on record."""

    name = forms.CharField(label=gettext_lazy("姓名"), help_text=gettext_lazy("与身份证上的一致"), max_length=100)
    identity = forms.CharField(label=gettext_lazy("身份证号"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    county = forms.ChoiceField(label=gettext_lazy("户籍所在县（市、区）"), choices=list)
    phone = forms.CharField(label=gettext_lazy("电话"), required=False, max_length=20)
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        choices = cast(forms.ChoiceField, self.fields["county"])
        choices.choices = [(code, words(name)) for code, name in city.counties()]


def guardian_field() -> forms.CharField:
    """Who consents for a minor or a ward."""
    return forms.CharField(
        label=gettext_lazy("监护人身份证号"),
        help_text=gettext_lazy("本人未满十八周岁或者有监护人的，由监护人到场同意，填监护人的号码；其他人不填"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def consenting(viewer: Viewer, data: dict[str, Any]) -> tuple[Resident | None, str]:
    """Who consents for the person by the number that was typed, None for themself; and how it was shown, in the words that are kept."""
    shown = (EVIDENCE | CALLED)[data["evidence"]][0]
    if not data["guardian"]:
        return None, shown
    found = accounts.find_person(viewer, identity=data["guardian"])
    if not found:
        raise LinliError(
            "mandates.nobody",
            zh="登记中没有这个身份证号",
            en="Nobody of this number is on record.",
            place=Place(field="guardian"),
            remedy_zh="核对号码；外地户籍的先登记",
            remedy_en="check it; register somebody from elsewhere first",
        )
    return found[0], shown.replace("本人", "监护人")


class ConsentForm(forms.Form):
    """What the person wants done, and how they said so."""

    matter = forms.ChoiceField(label=gettext_lazy("本人要办的事"), choices=list, widget=forms.RadioSelect)
    evidence = forms.ChoiceField(
        label=gettext_lazy("怎样确认本人同意"),
        choices=[(key, shown) for key, (_kept, shown) in (EVIDENCE | CALLED).items()],
        widget=forms.RadioSelect,
    )
    guardian = guardian_field()

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        choices = cast(forms.ChoiceField, self.fields["matter"])
        choices.choices = [(matter, words(label)) for matter, label in ERRANDS.items()]


class SlipForm(forms.Form):
    """The number on the card of whoever gets the slip."""

    identity = forms.CharField(label=gettext_lazy("证件上的身份证号"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class CardForm(forms.Form):
    """The card that lies on the counter."""

    identity = forms.CharField(label=gettext_lazy("证件上的身份证号"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    phone = forms.CharField(
        label=gettext_lazy("收验证码的手机号"),
        help_text=gettext_lazy("请本人当面说。不填的，原先没有当面确认过的手机号不能再登录，凭窗口的纸条登录"),
        required=False,
        max_length=20,
    )


def at_window(page: Page) -> Page:
    """For clerks of any county. What cannot be done is said with what to do next."""

    @for_staff
    @functools.wraps(page)
    def guarded(request: HttpRequest, viewer: Viewer, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_clerk(viewer)
        try:
            return page(request, viewer, *args, **kwargs)
        except Refused:
            raise
        except LinliError as problem:
            told, remedy = (problem.zh, problem.remedy_zh) if chinese() else (problem.en, problem.remedy_en)
            status = 404 if request.method == "GET" else 409
            return render(request, "window/problem.html", {"words": told, "remedy": remedy}, status=status)

    return guarded


@at_window
def find(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Find a person; a whole number that is on record opens its person at once. The number travels in the form, never in an address."""
    form = FindForm(request.POST or None)
    people: list[Resident] | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            people = accounts.find_person(viewer, identity=data["identity"], name=data["name"], birth_date=data["birth_date"])
        except LinliError as problem:
            if isinstance(problem, Refused):
                raise
            problem_beside(form, problem)
        if people and data["identity"]:
            return _to_person(request, people[0].uid)
    entrusted = labelled(accounts.entrusted_to(cast(Staff, request.user)))
    context = {"form": form, "people": people, "entrusted": entrusted, "section": "window", "item": ways_in.asked(request)}
    return render(request, "window/find.html", context, status=400 if form.errors else 200)


def _to_person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A person's page, with the item that they came for."""
    item = ways_in.asked(request)
    address = reverse("window:person", args=[uid])
    return redirect(f"{address}?{urlencode({ways_in.FIELD: item})}" if item else address)


@at_window
def register(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Register a person of any county; who is on record already is opened instead. What was looked for in vain need not be typed again."""
    begins = "begin" in request.POST
    known = {name: request.POST[name][:100] for name in ("name", "identity") if begins and name in request.POST}
    form = RegisterForm(None if begins else request.POST or None, initial={"key": str(uuid7()), **known})
    if form.is_bound and form.is_valid():
        try:
            who = register_at_window(viewer, **form.cleaned_data)
            messages.success(request, _("这位居民已在登记中，可以接着办理。"))
            return redirect("window:person", uid=who.uid)
        except LinliError as problem:
            if isinstance(problem, Refused):
                raise
            problem_beside(form, problem)
    return render(request, "window/register.html", {"form": form, "section": "window"}, status=400 if form.errors else 200)


@at_window
def person(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Who stands at the window: what may be done for them, and what was found once they have agreed to a look."""
    return _person(request, viewer, uid)


def _person(request: HttpRequest, viewer: Viewer, uid: UUID, **forms_given: Any) -> HttpResponse:
    who = resident_of(uid)
    held = _held(request, who)
    ciphers = {"identity": who.identity_cipher, "phone": who.phone_cipher}
    shown = vault.reveal(viewer, purpose=PURPOSE, subject=who.uid, fields={name: one for name, one in ciphers.items() if one})
    found, asked = None, request.GET.get("q", "")[:60]
    agreed = BENEFITS in {one.matter for one in held}
    acting = _for(request, viewer, BENEFITS) if agreed else viewer
    theirs = cases.cases_of(acting, who.uid)  # without consent those that the clerk took in
    if agreed:
        found = mine.found_for(acting, who, functools.partial(_address, who), theirs)
    context = {
        "section": "window",
        "who": who,
        "number": masked(shown["identity"]) if "identity" in shown else "",
        "phone": shown.get("phone", ""),
        "account": ResidentAccount.objects.filter(resident=who).first(),
        "held": labelled(held),
        "cases": [(one, case_label(one)) for one in _entrusted_cases(viewer, who, held)],
        "underway": [(one, grouped(one.case.receipt)) for one in underway(theirs)],
        "may_visit": VISIT in {one.matter for one in held},
        "found": found,
        "items": _items(asked, found),
        "asked": asked,
        "item": ways_in.asked(request),
        "guarded": is_guarded(who),
        "consent": ConsentForm(),
        "card": CardForm(),
        **forms_given,
    }
    return render(request, "window/person.html", context, status=400 if forms_given else 200)


def _items(asked: str, found: mine.Everything | None) -> list[shelf.Shelved]:
    """What can be begun at a window, whether or not anything was found: all, or what the words find. One query; none before consent."""
    if found is None:
        return []
    return shelf.matching([one for one in shelf.shelf() if one.way is not None and one.way.window], asked)


def _held(request: HttpRequest, who: Resident) -> list[Mandate]:
    return list(Mandate.objects.filter(accounts.in_force(), principal=who, agent_staff=cast(Staff, request.user)).order_by("id"))


def _entrusted_cases(viewer: Viewer, who: Resident, held: list[Mandate]) -> list[Case]:
    """The cases that the person entrusted to this clerk, one by one."""
    wanted = {one.matter for one in held if one.matter.startswith(CASE)}
    acting = accounts.widened(viewer, held[0]) if wanted else viewer
    return [one for one in cases.cases_of(acting, who.uid) if str(one) in wanted] if wanted else []


def _for(request: HttpRequest, viewer: Viewer, matter: str) -> Viewer:
    return accounts.viewer_at_window(viewer, cast(Staff, request.user), matter)


def _address(who: Resident, row: Determination) -> str:
    return reverse("window:why", args=[who.uid, row.programme, row.subject])


@require_POST
@at_window
def consent(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The person agrees that this clerk acts for them in one matter, today."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _person(request, viewer, uid, consent=form)
    data, staff, who = form.cleaned_data, cast(Staff, request.user), resident_of(uid)
    try:
        _require_called(who, data)
        guardian, shown = consenting(viewer, data)
        acts.grant_mandate(
            viewer, principal=who, kind="single_matter", agent=staff, matter=data["matter"], evidence=shown, guardian=guardian
        )
    except Refused:
        raise
    except LinliError as problem:
        problem_beside(form, problem)
        return _person(request, viewer, uid, consent=form)
    return _to_person(request, uid)


def _require_called(who: Resident, data: dict[str, Any]) -> None:
    """Raise LinliError for consent by telephone of somebody whom no telephone on record reaches, or whose guardian consents."""
    if data["evidence"] != BY_PHONE or (who.phone_cipher and not is_guarded(who)):
        return
    raise LinliError(
        "window.no_telephone",
        zh="由监护人同意的，不能电话办理" if is_guarded(who) else "登记中没有这位居民的电话，不能电话办理",
        en="A guardian does not consent by telephone." if is_guarded(who) else "No telephone of this person is on record to call back.",
        place=Place(field="evidence"),
        expected="a telephone on record and a person who decides for themself",
        expected_zh="登记有电话、自己能同意的居民",
        remedy_zh="请到任一窗口办理，或者请人上门",
        remedy_en="at any window, or ask for a visit at home",
    )


def called(request: HttpRequest, who: Resident) -> bool:
    """Whether the person agreed by telephone, and hasn't come since. One query."""
    shown = {one.evidence for one in _held(request, who) if one.matter == BENEFITS}
    return shown == {CALLED[BY_PHONE][0]}


@require_POST
@at_window
def done(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The matter is done: what the clerk was allowed for this person ends now."""
    for one in _held(request, resident_of(uid)):
        acts.end_mandate(viewer, mandate=one)
    messages.success(request, _("办结，委托已经终止。"))
    return redirect("window:find")


@require_POST
@at_window
def check_card(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The card was compared with the person: their account is known by it from now on."""
    form = CardForm(request.POST)
    if form.is_valid():
        try:
            acts.check_card(viewer, resident=resident_of(uid), **form.cleaned_data)
        except LinliError as problem:
            if isinstance(problem, Refused):
                raise
            problem_beside(form, problem)
        else:
            messages.success(request, _("身份证已核验，本人登录后可以看到为自己找到的政策。"))
            return redirect("window:person", uid=uid)
    return _person(request, viewer, uid, card=form)


@at_window
def code(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """A slip with a code for somebody who signs in by their card number, which lies on the counter: it is asked for again."""
    account = ResidentAccount.objects.select_related("resident").filter(resident__uid=uid).first()
    if account is None:
        raise LinliError(
            "accounts.none", zh="还没有开通账号", en="There is no account yet.", remedy_zh="先核验身份证", remedy_en="check the card first"
        )
    form = SlipForm(request.POST if request.method == "POST" else None)
    context = {"who": account.resident, "form": form, "section": "window"}
    if request.method == "POST" and form.is_valid():
        try:
            made = acts.issue_code(viewer, account=account, identity=form.cleaned_data["identity"])
        except LinliError as problem:
            if isinstance(problem, Refused):
                raise
            problem_beside(form, problem)
        else:
            address = portals.placed(reverse("my:sign_in"))
            told = {"code": made, "until": now() + AT_WINDOW, "address": address and request.build_absolute_uri(address)}
            return render(request, "window/slip.html", {**context, **told})
    return render(request, "window/ask_slip.html", context, status=400 if form.errors else 200)


@at_window
def why(request: HttpRequest, viewer: Viewer, uid: UUID, slug: str, subject: UUID) -> HttpResponse:
    """Why, as the person would read it themself."""
    who = resident_of(uid)
    told, conditions = mine.reasons(_for(request, viewer, BENEFITS), who, slug, subject)
    has, family = (slug, subject) in agreements.having({subject}), mine.family_of(who, slug, subject)
    context = {
        "section": "window",
        "who": who,
        "reasons": told,
        "programme": told.programme,
        "conditions": conditions,
        "once": mine.once_only(conditions),
        "missing": [label for _key, label in told.explanation.missing_labels],
        "steps": steps_of(told),
        "may_apply": told.programme.procedure is not None and not has and family is None,
        "settled": has or family is not None,
        "family": family,
        "leaflet": reverse("window:leaflet", args=[uid, slug, subject]),
        "wrong": reverse("window:wrong", args=[uid, "-"]).removesuffix("-/"),
    }
    return render(request, "window/why.html", context)


@at_window
def leaflet(request: HttpRequest, viewer: Viewer, uid: UUID, slug: str, subject: UUID) -> HttpResponse:
    """The one-page card for the person to take home."""
    acting, who = _for(request, viewer, BENEFITS), resident_of(uid)
    told, _conditions = mine.reasons(acting, who, slug, subject)
    context = {
        "frame": "window/frame.html",
        "section": "window",
        "card": mine.leaflet(acting, who, told),
        "verdict": told.explanation.verdict.verdict,
        "today": today(),
        "back": reverse("window:why", args=[uid, slug, subject]),
    }
    return render(request, "my/leaflet.html", context)


@at_window
def wrong(request: HttpRequest, viewer: Viewer, uid: UUID, fact: str) -> HttpResponse:
    """“This is wrong”, said for the person."""
    title = _("“%(fact)s”不对") % {"fact": words(cases.fact_label(fact))}
    acting = _for(request, viewer, BENEFITS)
    return _asked(request, uid, BENEFITS, title, lambda data: casework.open_dispute(acting, uid, fact, data["words"], key=data["key"]))


@at_window
def visit(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """A home visit, asked for for the person."""
    acting = _for(request, viewer, VISIT)
    return _asked(
        request, uid, VISIT, _("申请上门服务"), lambda data: casework.open_home_visit(acting, uid, data["words"], key=data["key"])
    )


def _require_consent(request: HttpRequest, who: Resident, matter: str) -> None:
    if matter not in {one.matter for one in _held(request, who)}:
        raise Refused(
            "window.no_consent",
            zh="还没有记录本人同意",
            en="The person's consent is not on record.",
            remedy_zh="先记录",
            remedy_en="record it",
        )


def acting_for(request: HttpRequest, viewer: Viewer, who: Resident, matter: str) -> Viewer:
    """The clerk as somebody who acts for a person in a matter. Refused before their consent is on record. Two queries."""
    _require_consent(request, who, matter)
    return _for(request, viewer, matter)


def _asked(request: HttpRequest, uid: UUID, matter: str, title: str, ask: Callable[[dict[str, Any]], Any]) -> HttpResponse:
    who = resident_of(uid)
    _require_consent(request, who, matter)
    form = WordsForm({**request.POST.dict(), "whom": uid} if request.method == "POST" else None, initial={"key": str(uuid7())})
    if request.method == "POST" and form.is_valid():
        case = ask(form.cleaned_data)
        messages.success(request, _("已经受理，回执编号 %(receipt)s。请告诉本人。") % {"receipt": grouped(case.receipt)})
        return redirect("window:person", uid=uid)
    context = {"form": form, "who": who, "title": title, "section": "window"}
    return render(request, "window/words.html", context, status=400 if form.errors else 200)


@at_window
def lacking(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """People of the clerk's own area who lack exactly one document or fact of a programme."""
    live = {one.slug: one for one in shelf.published()}
    slug = request.GET.get("programme", "")
    chosen = live.get(slug) or next(iter(live.values()), None)
    after = request.GET.get("after", "")
    start = int(after) if after.isdecimal() and len(after) < 19 else 0
    rows = screening.lacking_one(viewer, chosen.slug, after=start) if chosen else []
    context = {
        "section": "lacking",
        "programmes": list(live.values()),
        "chosen": chosen,
        "rows": findings.listed(rows, chosen, {}) if chosen else [],
        "after": str(rows[-1].id) if len(rows) == screening.PAGE else "",
        "first": not start,
    }
    return render(request, "window/lacking.html", context)
