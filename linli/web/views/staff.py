"""Administration: who works here and what they may do. It shows no resident's data, and nobody changes their own rights."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.casework.workplaces import departments, work_in
from linli.kernel.clock import today
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers import acts
from linli.registers.acts import factors, sessions
from linli.registers.acts.separation import needs_second
from linli.registers.models import ExternalIdentity, ProposedGrant, SecondFactor, Staff, StaffGrant, StaffPerson
from linli.registers.models.staff import STAFF_ROLES
from linli.registers.queries import staff as queries
from linli.trace.queries import timeline
from linli.web.frame.city import counties
from linli.web.office import accounts
from linli.web.places.stating import said
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import words
from linli.web.views.office import for_staff

HISTORY = 200


class AddForm(forms.Form):
    """A new account. The first password is made by the system and shown once."""

    login = forms.CharField(
        label=gettext_lazy("登录名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"})
    )
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class GrantForm(forms.Form):
    """A role over an area and a programme for a time."""

    role = forms.ChoiceField(label=gettext_lazy("岗位"))
    area = forms.CharField(
        label=gettext_lazy("行政区划代码"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("不填表示全市；网格、楼栋填到网格或楼栋代码"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input-short"}),
    )
    programme = forms.ChoiceField(label=gettext_lazy("事项"), required=False)
    valid_from = DayField((2000, 2100), label=gettext_lazy("开始日期"))
    valid_to = DayField(
        (2000, 2100), label=gettext_lazy("结束日期"), required=False, help_text=gettext_lazy("第一个不再有效的日子；不填表示未定")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = accounts.role_names()
        self.fields["role"].choices = [(role, names[role]) for role in STAFF_ROLES]  # type: ignore[attr-defined]
        self.fields["programme"].choices = [("", _("全部事项")), *accounts.programme_names().items()]  # type: ignore[attr-defined]


class DepartmentForm(forms.Form):
    """Where somebody works: a department of the city, there or in a county."""

    department = forms.ChoiceField(
        label=gettext_lazy("部门"),
        required=False,
        help_text=gettext_lazy("乡镇（街道）、村（社区）的人员不选"),
    )
    area = forms.ChoiceField(label=gettext_lazy("在哪一级"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        several = [(key, words(label)) for key, label in departments().items()]
        self.fields["department"].choices = [("", _("不在这些部门工作")), *several]  # type: ignore[attr-defined]
        self.fields["area"].choices = [("", _("市级")), *((code, words(label)) for code, label in counties())]  # type: ignore[attr-defined]


class IdentityForm(forms.Form):
    """Who someone is at the city's identity service."""

    subject = forms.CharField(label=gettext_lazy("统一身份标识"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class PersonForm(forms.Form):
    """Which resident a member of staff is, by the card they show."""

    identity = forms.CharField(
        label=gettext_lazy("本人身份证号"),
        max_length=18,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


@for_staff
def home(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """To the first of the sections that this person's grants open; their own account is open to everyone."""
    if viewer.areas("administrator"):
        return redirect("admin:staff")
    if viewer.may("security"):
        return redirect("admin:security")
    return redirect("admin:audit" if viewer.may("auditor") else "admin:account")


@for_staff
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Staff by login, narrowed by words, role and state."""
    found = {name: request.GET.get(name, "") for name in ("words", "role", "state", "after")}
    choice = queries.StaffChoice(**{name: text[:100].replace("\x00", "") for name, text in found.items()})
    rows = queries.staff_page(viewer, choice)
    worded = iter(accounts.in_words(grant for row in rows for grant in row.current))
    context = {
        "rows": [(row, [next(worded) for _grant in row.current]) for row in rows],
        "choice": choice,
        "roles": accounts.role_names().items(),
        "after": rows[-1].login if len(rows) == queries.PAGE else "",
        "first": not choice.after,
        "may_add": viewer.may("administrator"),
        "proposals": accounts.proposed(viewer, queries.proposals(viewer)),
        "section": "staff",
    }
    return render(request, "admin/staff.html", context)


@for_staff
def add(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A new account with a password that is shown once."""
    viewer.require("administrator")
    form = AddForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = secrets.token_urlsafe(12)
        try:
            made = acts.add_staff(
                viewer, login=form.cleaned_data["login"], name=form.cleaned_data["name"], password=password, temporary=True
            )
        except LinliError as problem:
            form.add_error("login", said(problem))
        else:
            return render(request, "admin/password.html", {"staff": made, "password": password, "section": "staff"})
    return render(request, "admin/add.html", {"form": form, "section": "staff"})


def _staff(viewer: Viewer, uid: UUID) -> Staff:
    try:
        return queries.staff_of(viewer, uid)
    except Staff.DoesNotExist:
        raise Http404 from None


@for_staff
def person(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One account: grants, second factors, where signed in, and everything that happened to it."""
    return _person(request, viewer, _staff(viewer, uid))


def _person(request: HttpRequest, viewer: Viewer, staff: Staff, *, status: int = 200, **forms_given: Any) -> HttpResponse:
    administrator = viewer.may("administrator") and viewer.actor != staff.actor
    context = {
        "staff": staff,
        "grants": accounts.in_words(queries.grants_of(staff)),
        "proposals": accounts.proposed(viewer, queries.proposals(viewer, staff)),
        "factors": factors.factors_of(staff),
        "identities": queries.identities_of(staff),
        "history": accounts.history(timeline(staff.actor, limit=HISTORY)),
        "administers": administrator,
        "may_grant": bool(viewer.areas("administrator")) and viewer.actor != staff.actor,
        "may_remove_factors": viewer.may("security"),
        "department_form": DepartmentForm() if administrator else None,
        "person": StaffPerson.objects.filter(staff=staff).first(),
        "person_form": forms_given.get("person_form", PersonForm()),
        "identity_form": forms_given.get("identity_form", IdentityForm()) if settings.LINLI_IDENTITY_SERVICE else None,
        "section": "staff",
    }
    return render(request, "admin/person.html", context, status=status)


@for_staff
def grant(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Give a role over an area and a programme for a time."""
    staff = _staff(viewer, uid)
    if not viewer.areas("administrator"):
        viewer.require("administrator")
    form = GrantForm(request.POST or None, initial={"valid_from": today()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            words = _give(viewer, staff, given)
        except LinliError as problem:
            form.add_error("area" if problem.code in ("registers.unknown_area", "viewer.not_granted") else None, said(problem))
        else:
            messages.success(request, words, extra_tags="good")
            return redirect("admin:person", uid=uid)
    return render(request, "admin/grant.html", {"form": form, "staff": staff, "section": "staff"})


def _give(viewer: Viewer, staff: Staff, given: dict[str, Any]) -> str:
    """Give the grant, or propose it where a second person has to confirm it; what the page says of it."""
    days = {"valid_from": given["valid_from"], "valid_to": given["valid_to"]}
    where = {"area_code": given["area"].strip(), "programme": given["programme"]}
    if needs_second(given["role"], where["area_code"]):
        acts.propose_grant(viewer, staff=staff, role=given["role"], **where, **days)
        return _("已提出。请另一位系统管理员或安全管理员确认，确认以后才生效。")
    acts.place_grant(viewer, staff=staff, role=given["role"], **where, **days)
    return _("已授权。")


def _done(request: HttpRequest, uid: UUID, what: Any, words: str) -> HttpResponse:
    """Do something to an account and go back to its page, with what came of it. A refusal for want of a grant is the 403 page."""
    try:
        what()
    except Refused:
        raise
    except LinliError as problem:
        messages.error(request, said(problem), extra_tags="bad")
    else:
        messages.success(request, words, extra_tags="good")
    return redirect("admin:person", uid=uid)


@for_staff
@require_POST
def end_grant(request: HttpRequest, viewer: Viewer, uid: UUID, grant: int) -> HttpResponse:
    """End a grant today."""
    row = StaffGrant.objects.filter(pk=grant, staff=_staff(viewer, uid)).first()
    if row is None:
        raise Http404
    on: date = today()
    return _done(request, uid, lambda: acts.end_grant(viewer, grant=row, on=on), _("授权已终止。"))


def _proposal(viewer: Viewer, uid: UUID, proposal: UUID) -> ProposedGrant:
    row = ProposedGrant.objects.select_related("staff").filter(uid=proposal, staff=_staff(viewer, uid)).first()
    if row is None:
        raise Http404
    return row


@for_staff
@require_POST
def confirm_grant(request: HttpRequest, viewer: Viewer, uid: UUID, proposal: UUID) -> HttpResponse:
    """The second person confirms a grant that is held alone."""
    row = _proposal(viewer, uid, proposal)
    return _done(request, uid, lambda: acts.confirm_grant(viewer, proposal=row), _("已确认，授权生效。"))


@for_staff
@require_POST
def decline_grant(request: HttpRequest, viewer: Viewer, uid: UUID, proposal: UUID) -> HttpResponse:
    """The second person turns it down, or whoever proposed it takes it back."""
    row = _proposal(viewer, uid, proposal)
    return _done(request, uid, lambda: acts.decline_grant(viewer, proposal=row), _("已退回。"))


@for_staff
@require_POST
def department(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Say in which department somebody works, or that they work in none."""
    staff, form = _staff(viewer, uid), DepartmentForm(request.POST)
    viewer.require("administrator")
    if not form.is_valid():
        messages.error(request, _("请从清单中选择部门和级别。"), extra_tags="bad")
        return redirect("admin:person", uid=uid)
    given = form.cleaned_data
    try:
        work_in(viewer, staff=staff, department=given["department"], area=given["area"])
    except LinliError as problem:
        messages.error(request, said(problem), extra_tags="bad")
    else:
        messages.success(request, _("已变更所在部门，本人在“我的账号”里看得到。"), extra_tags="good")
    return redirect("admin:person", uid=uid)


@for_staff
@require_POST
def active(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Close an account, and with it every session, or open it again."""
    staff, opened = _staff(viewer, uid), request.POST.get("active") == "1"
    return _done(request, uid, lambda: acts.set_active(viewer, staff=staff, active=opened), _("已启用。") if opened else _("已停用。"))


@for_staff
@require_POST
def password(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """A new password, shown once; whoever was signed in with the old one no longer is."""
    viewer.require("administrator")
    staff, made = _staff(viewer, uid), secrets.token_urlsafe(12)
    acts.change_password(viewer, staff=staff, password=made)
    return render(request, "admin/password.html", {"staff": staff, "password": made, "section": "staff"})


@for_staff
@require_POST
def remove_factor(request: HttpRequest, viewer: Viewer, uid: UUID, factor: UUID) -> HttpResponse:
    """A telephone was lost: security takes the factor out of force."""
    row = SecondFactor.objects.select_related("staff").filter(uid=factor, staff=_staff(viewer, uid)).first()
    if row is None:
        raise Http404
    viewer.require("security")
    return _done(request, uid, lambda: factors.remove_factor(viewer, factor=row), _("验证方式已移除。"))


@for_staff
@require_POST
def identify(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Check which resident this person is, so that they don't deal with their own or their family's matters."""
    staff, form = _staff(viewer, uid), PersonForm(request.POST)
    viewer.require("administrator")
    if form.is_valid():
        try:
            acts.identify_staff(viewer, staff=staff, identity=form.cleaned_data["identity"])
        except Refused:
            raise
        except LinliError as problem:
            form.add_error("identity", said(problem))
    if form.errors:
        return _person(request, viewer, staff, status=400, person_form=form)
    messages.success(request, _("已核对。本人和家人的事项不再由此人办理。"), extra_tags="good")
    return redirect("admin:person", uid=uid)


@for_staff
@require_POST
def link(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Say who this person is at the city's identity service."""
    staff, form = _staff(viewer, uid), IdentityForm(request.POST)
    viewer.require("administrator")
    if not form.is_valid():
        return _person(request, viewer, staff, status=400, identity_form=form)
    issuer, subject = settings.LINLI_OIDC["issuer"], form.cleaned_data["subject"]
    return _done(
        request,
        uid,
        lambda: sessions.link_identity(viewer, staff=staff, issuer=issuer, subject=subject),
        _("已关联。本人登录后在“我的账号”里确认，才能用它登录。"),
    )


@for_staff
@require_POST
def unlink(request: HttpRequest, viewer: Viewer, uid: UUID, identity: UUID) -> HttpResponse:
    """The person no longer signs in through the city's identity service."""
    row = ExternalIdentity.objects.filter(uid=identity, staff=_staff(viewer, uid)).first()
    if row is None:
        raise Http404
    return _done(request, uid, lambda: sessions.end_identity(viewer, identity=row), _("已解除关联，此人在各处的登录都已退出。"))
