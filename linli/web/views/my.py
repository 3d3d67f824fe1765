"""The resident's portal: signing in with a code, what was found and why, who read my data, who may act for me."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.agreements import queries as agreements
from linli.casework import acts as casework
from linli.casework import queries as cases
from linli.casework.kinds import FACT_DISPUTE, KINDS, promise
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.entitlements.escrow.queries import asked_of
from linli.entitlements.told_of_recoveries import shared_with
from linli.kernel.clock import today
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.notices import queries as notices
from linli.notices.acts import mark_read
from linli.registers import acts
from linli.registers.matters import BENEFITS, VISIT
from linli.registers.ports import code_sender
from linli.registers.queries import accounts
from linli.screening.models import Determination
from linli.web.entrance import attempts, residents
from linli.web.entrance.identity import kept, residents_service, stated
from linli.web.entrance.origin import address_of
from linli.web.entrance.residents import Visitor
from linli.web.frame.city import city
from linli.web.frame.own_words import OwnWords
from linli.web.money.granted import standing_of
from linli.web.person import mine
from linli.web.person.letters import invited_to, mandates_told, wards_named
from linli.web.person.matters import labelled, matter_label
from linli.web.programme import ways_in
from linli.web.programme.steps import steps_of
from linli.web.templatetags.texts import chinese, words

Page = Callable[..., HttpResponse]
ACTING = "mandates.acting"
CARD_NUMBER = 18  # characters of an identity number, whose codes are on paper
BIG = {"autocomplete": "off", "inputmode": "numeric"}


class ContactForm(forms.Form):
    """Which telephone, or which card where there is no telephone."""

    contact = forms.CharField(
        label=gettext_lazy("您的手机号"),
        help_text=gettext_lazy("没有手机的，填身份证号，验证码请到窗口领取"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "text"}),
    )


class CodeForm(forms.Form):
    """The six digits."""

    contact = forms.CharField(max_length=30, widget=forms.HiddenInput())
    code = forms.CharField(
        label=gettext_lazy("六位验证码"),
        max_length=12,
        widget=forms.TextInput(attrs={**BIG, "autocomplete": "one-time-code", "class": "input-short", "autofocus": True}),
    )


class SlipForm(CodeForm):
    """The number on the card and the code on the slip from a window: nothing has to be sent first."""

    contact = forms.CharField(label=gettext_lazy("您的身份证号"), max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class AboutForm(forms.Form):
    """A form that says whom it was filled in about: sent while the pages are about somebody else, nothing of it is done."""

    whom = forms.UUIDField(widget=forms.HiddenInput())

    def require(self, visitor: Visitor) -> None:
        """Raise LinliError unless the pages are still about the person that the form is about."""
        if self.cleaned_data["whom"] != visitor.whom.uid:
            raise residents.no_longer_about()


class WordsForm(AboutForm):
    """What somebody wants to say, in their own words."""

    words = OwnWords(label=gettext_lazy("请用自己的话说一说"), help_text=gettext_lazy("可以不写。"), rows=4)
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())


def problem_beside(form: forms.Form, problem: LinliError) -> None:
    """The refusal beside its field, in the reader's language, with what to do next."""
    told, remedy = (problem.zh, problem.remedy_zh) if chinese() else (problem.en, problem.remedy_en)
    field = problem.place.field if problem.place and problem.place.field in form.fields else None
    form.add_error(field, ValidationError(f"{told}{'。' if chinese() and remedy else ' '}{remedy}".strip()))


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """First step: the telephone. Whether it is known makes no difference to what follows."""
    form, wanted = ContactForm(request.POST or None), ways_in.asked(request)
    if request.method == "POST" and form.is_valid():
        contact = form.cleaned_data["contact"]
        if len("".join(contact.split())) == CARD_NUMBER:
            return render(request, "my/code.html", {"form": SlipForm(initial={"contact": contact}), "slip": True, "wanted": wanted})
        try:
            acts.request_code(
                contact=contact,
                address=address_of(request),
                sender=code_sender(),
                hotline=city().hotline.phone,
                language="zh" if chinese() else "en",
            )
        except LinliError as problem:
            problem_beside(form, problem)
        else:
            return render(request, "my/code.html", {"form": CodeForm(initial={"contact": contact}), "wanted": wanted})
    context = {"form": form, "identity": bool(settings.LINLI_RESIDENT_IDENTITY_SERVICE), "wanted": wanted}
    return render(request, "my/sign_in.html", context, status=400 if form.errors else 200)


@never_cache
def confirm(request: HttpRequest) -> HttpResponse:
    """Second step: the code. The address alone leads back to the first."""
    if request.method != "POST":
        return redirect("my:sign_in")
    slip = len("".join(request.POST.get("contact", "").split())) == CARD_NUMBER
    form = SlipForm(request.POST) if slip else CodeForm(request.POST)
    if form.is_valid():
        try:
            account = acts.confirm_code(contact=form.cleaned_data["contact"], code=form.cleaned_data["code"], address=address_of(request))
        except LinliError as problem:
            problem_beside(form, problem)
        else:
            residents.begin(request, account)
            return redirect(ways_in.onward(ways_in.asked(request)))
    return render(request, "my/code.html", {"form": form, "slip": slip, "wanted": ways_in.asked(request)}, status=403)


@never_cache
@require_POST
def identity(request: HttpRequest) -> HttpResponse:
    """On to the city's identity service; state, nonce and verifier stay here."""
    try:
        journey = residents_service().begin(request.build_absolute_uri(reverse("my:identity_back")))
    except LinliError as problem:
        return _not_identified(request, problem)
    request.session.flush()
    request.session["identity"] = kept(journey)
    request.session[ways_in.FIELD] = ways_in.asked(request)
    return HttpResponseRedirect(journey.address)


@never_cache
def identity_back(request: HttpRequest) -> HttpResponse:
    """Back from the identity service: whoever it names by identity number is signed in at level city, for this session.

    The answer is good once; a state that is not this browser's own is refused.
    """
    began, wanted = request.session.pop("identity", None), request.session.pop(ways_in.FIELD, "")
    if began is None:
        return redirect("my:sign_in")
    try:
        found = residents_service().finish(stated(began), request.build_absolute_uri(reverse("my:identity_back")), request.GET.dict())
        account = acts.account_by_identity(identity=found.number)
    except LinliError as problem:
        attempts.note(request, problem.code, "public")
        return _not_identified(request, problem)
    residents.begin(request, account, "city")
    return redirect(ways_in.onward(wanted))


def _not_identified(request: HttpRequest, problem: LinliError) -> HttpResponse:
    form = ContactForm({})
    form.errors.clear()
    problem_beside(form, problem)
    return render(request, "my/sign_in.html", {"form": form, "identity": True}, status=403)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; straight to the next sign-in where that was asked for."""
    residents.end(request)
    return redirect("my:sign_in" if request.POST.get("again") else "home")


def for_resident(page: Page) -> Page:
    """The page gets the visitor. A level too low is a page that says how to raise it; any other refusal says what to do next.

    Whoever acts under a single-matter mandate gets the pages of its matter only: for_matter() names them.
    """
    return _guarded(page, None)


def for_matter(*matters: str) -> Callable[[Page], Page]:
    """for_resident(), open as well to whoever acts in one of these single matters; with none named, in any."""
    return lambda page: _guarded(page, matters)


def _guarded(page: Page, matters: tuple[str, ...] | None) -> Page:
    @never_cache
    @functools.wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        visitor = residents.present(request)
        if visitor is None:
            match = request.resolver_match
            applying = match is not None and match.view_name == "my:apply"
            return redirect(ways_in.sign_in_for(kwargs["slug"]) if applying else "my:sign_in")
        request.visitor = visitor  # type: ignore[attr-defined]
        try:
            return page(request, _in_matter(visitor, matters), *args, **kwargs)
        except Refused as refusal:
            if refusal.code == "viewer.level_too_low":
                return render(request, "my/level.html", {"visitor": visitor}, status=403)
            attempts.note(request, refusal)
            return _told(request, visitor, refusal, 403)
        except LinliError as problem:
            return _told(request, visitor, problem, 404 if request.method == "GET" and problem.code != ACTING else 409)

    return guarded


def _in_matter(visitor: Visitor, matters: tuple[str, ...] | None) -> Visitor:
    if visitor.errand is None:
        return visitor
    if matters is None or (matters and visitor.errand.matter not in matters):
        raise Refused(
            "mandates.other_matter",
            zh="您现在是替别人办一件事，这一页不在委托范围内",
            en="You are acting for somebody in one matter, and this page is not part of it.",
            remedy_zh="接着办委托的事；要看您自己的，请先点上面的“回到我自己的”",
            remedy_en="go on with that matter; for your own pages press “Back to my own” above",
        )
    return dataclasses.replace(visitor, viewer=accounts.widened(visitor.viewer, visitor.errand))


def _told(request: HttpRequest, visitor: Visitor, problem: LinliError, status: int) -> HttpResponse:
    told, remedy = (problem.zh, problem.remedy_zh) if chinese() else (problem.en, problem.remedy_en)
    return render(request, "my/problem.html", {"visitor": visitor, "words": told, "remedy": remedy}, status=status)


def _address(row: Determination) -> str:
    return reverse("my:why", args=[row.programme, row.subject])


@for_matter()
def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What was found for me, and what is on its way; by telephone alone only the latter."""
    own = visitor.errand is None
    sees = visitor.carded and visitor.errand.matter == BENEFITS if visitor.errand else visitor.carded
    asked = cases.cases_of(visitor.viewer, visitor.whom.uid)
    context = {
        "visitor": visitor,
        "section": "found",
        "found": mine.found_for(visitor.viewer, visitor.whom, _address, asked) if sees else None,
        "awards": standing_of(visitor.viewer, visitor.whom.uid) if sees and own else [],
        "cases": _in_words(visitor, [one for one in asked if visitor.covers(one)]),
        "errands": labelled(accounts.errands_of(visitor.viewer)) if visitor.carded and not visitor.acting else [],
        "escrows": asked_of(visitor.viewer) if visitor.carded and not visitor.acting and own else [],
        "shared": shared_with(visitor.viewer) if visitor.carded and not visitor.acting and own else [],
        "unread": notices.unread(visitor.viewer, visitor.whom.uid) if own else 0,
        "matter": matter_label(visitor.errand.matter) if visitor.errand else None,
        "may_visit": own or (visitor.errand is not None and visitor.errand.matter == VISIT),
    }
    return render(request, "my/home.html", context)


def _in_words(visitor: Visitor, rows: list[Case]) -> list[dict[str, Any]]:
    """Cases as the resident sees them, with who asked where that was not the person themself. Two queries at most."""
    asked = mine.asked_by(rows)
    return [
        {
            "case": one,
            "receipt": grouped(one.receipt),
            "kind": KINDS[one.kind],
            "about": cases.subject_matter(one),
            "outcome": KINDS[one.kind].outcome(one.outcome),
            "asked_by": asked.get(one.opened_by, ""),
        }
        for one in rows
    ]


@for_matter()
def turn(request: HttpRequest, visitor: Visitor, whom: UUID) -> HttpResponse:
    """From now on the pages are about this person."""
    if request.method == "POST":
        residents.turn_to(request, visitor, whom)
    return redirect("my:home")


@for_matter(BENEFITS)
def why(request: HttpRequest, visitor: Visitor, slug: str, subject: UUID) -> HttpResponse:
    """Why a programme finds me or my household, condition by condition, with “this is wrong” beside every fact of mine."""
    told, conditions = mine.reasons(visitor.viewer, visitor.whom, slug, subject)
    running = mine.asked_for(cases.cases_of(visitor.viewer, visitor.whom.uid)).get(slug)
    has, family = (slug, subject) in agreements.having({subject}), mine.family_of(visitor.whom, slug, subject)
    context = {
        "visitor": visitor,
        "section": "found",
        "reasons": told,
        "programme": told.programme,
        "conditions": conditions,
        "once": mine.once_only(conditions),
        "missing": [label for _key, label in told.explanation.missing_labels],
        "steps": steps_of(told),
        "may_apply": told.programme.procedure is not None and visitor.carded and running is None and not has and family is None,
        "settled": has or family is not None,
        "family": family if family is not None and family.shown and visitor.carded else None,
        "running": running if visitor.carded else None,
        "may_visit": visitor.errand is None,
        "leaflet": reverse("my:leaflet", args=[slug, subject]),
        "nearest": f"{reverse('my:windows')}?item={slug}",
        "wrong": reverse("my:wrong", args=["-"]).removesuffix("-/"),
    }
    return render(request, "my/why.html", context)


@for_matter(BENEFITS)
def leaflet(request: HttpRequest, visitor: Visitor, slug: str, subject: UUID) -> HttpResponse:
    """The one-page card (明白卡), to be printed."""
    told, _conditions = mine.reasons(visitor.viewer, visitor.whom, slug, subject)
    card = mine.leaflet(visitor.viewer, visitor.whom, told)
    context = {
        "frame": "my/frame.html",
        "visitor": visitor,
        "section": "found",
        "card": card,
        "verdict": told.explanation.verdict.verdict,
        "today": today(),
        "back": reverse("my:why", args=[slug, subject]),
    }
    return render(request, "my/leaflet.html", context)


@for_matter(BENEFITS)
def wrong(request: HttpRequest, visitor: Visitor, fact: str) -> HttpResponse:
    """“This is wrong”: to the department that owns the fact, with a clock and an answer."""
    visitor.viewer.require_level(FACT_DISPUTE.level)
    form = WordsForm(request.POST or None, initial={"key": str(uuid7()), "whom": visitor.whom.uid})
    asked = _asked(request, visitor, form, lambda uid, words, key: casework.open_dispute(visitor.viewer, uid, fact, words, key=key))
    if asked is not None:
        return asked
    context = {
        "visitor": visitor,
        "section": "found",
        "form": form,
        "title": _("“%(fact)s”不对") % {"fact": words(cases.fact_label(fact))},
        "lead": _("告诉我们实际情况是怎样的。%(owner)s在 %(days)s 个工作日内核对，给您答复，改对以后马上重新计算。")
        % {"owner": words(cases.owner_of(fact)), "days": promise(FACT_DISPUTE.slug).answer},
    }
    return render(request, "my/words.html", context, status=400 if form.errors else 200)


@for_matter(VISIT)
def visit(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask that somebody comes to my home."""
    form = WordsForm(request.POST or None, initial={"key": str(uuid7()), "whom": visitor.whom.uid})
    asked = _asked(request, visitor, form, lambda uid, words, key: casework.open_home_visit(visitor.viewer, uid, words, key=key))
    if asked is not None:
        return asked
    context = {
        "visitor": visitor,
        "form": form,
        "title": _("请人上门"),
        "lead": _("走不开、走不动，楼栋管家或网格员可以到家里来。说说要办什么事、什么时候方便。"),
    }
    return render(request, "my/words.html", context, status=400 if form.errors else 200)


def _asked(request: HttpRequest, visitor: Visitor, form: WordsForm, ask: Callable[[UUID, str, str], Case]) -> HttpResponse | None:
    """What follows on words that were sent, None where the form is to be shown. Words that could not be taken are shown again."""
    if request.method != "POST" or not form.is_valid():
        return None
    data = form.cleaned_data
    try:
        form.require(visitor)
        return _taken_up(request, ask(visitor.whom.uid, data["words"], data["key"]))
    except Refused:
        raise
    except LinliError as problem:
        told, remedy = (problem.zh, problem.remedy_zh) if chinese() else (problem.en, problem.remedy_en)
        context = {"visitor": visitor, "words": told, "remedy": remedy, "typed": data["words"], "number": ""}
        if problem.code == "casework.open_already":
            context |= {"number": problem.found, "case": _of_receipt(visitor, problem.found or "")}
        return render(request, "my/problem.html", context, status=409)


def _of_receipt(visitor: Visitor, receipt: str) -> Case | None:
    """The person's case of this number, None where it is not the visitor's to see."""
    theirs = cases.cases_of(visitor.viewer, visitor.whom.uid)
    return next((one for one in theirs if grouped(one.receipt) == receipt and visitor.covers(one)), None)


def _taken_up(request: HttpRequest, case: Any) -> HttpResponseRedirect:
    messages.success(request, _("已经收到，回执编号 %(receipt)s。办好了会告诉您。") % {"receipt": grouped(case.receipt)})
    return HttpResponseRedirect(reverse("my:home"))


@for_resident
def readings(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Who read my data, when, and for which purpose."""
    before, own = request.GET.get("after", ""), request.GET.get("own") == "1"
    rows = mine.readings(visitor.viewer, visitor.whom, own=own, before=int(before) if before.isdecimal() and len(before) < 19 else 0)
    context = {
        "visitor": visitor,
        "section": "readings",
        "rows": rows,
        "after": str(rows[-1].id) if len(rows) == mine.READINGS else "",
        "first": not before,
        "own": own,
        "sign_ins": [] if visitor.acting or before else mine.sign_ins(visitor.account),
    }
    return render(request, "my/readings.html", context)


@for_resident
def letters(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What the city wrote to me."""
    found = notices.letters(visitor.viewer, visitor.whom.uid)
    mark_read(visitor.viewer, recipient=visitor.whom.uid, notices=[one.notice.uid for one in found if one.notice.read_at is None])
    invitations = invited_to(found, cases.cases_of(visitor.viewer, visitor.whom.uid))
    told = {"mandates": mandates_told(found), "wards": wards_named(found), "invitations": invitations}
    context = {"visitor": visitor, "section": "letters", "letters": found, **told}
    return render(request, "my/letters.html", context)
