"""Forms that describe a window or a place field by field: what the reader of lists refuses stands beside its field."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel.errors import LinliError
from linli.kernel.positions import SYSTEMS
from linli.web.templatetags.texts import chinese

PLAIN = {"autocomplete": "off"}


class StatedForm(forms.Form):
    """A form whose texts are checked by the same reader as a line of a list."""

    def refuse(self, problem: LinliError) -> None:
        """The refusal beside its field, with what was expected."""
        field = problem.place.field if problem.place and problem.place.field in self.fields else None
        expected, _found = problem.facing("zh" if chinese() else "en")
        text = said(problem) + (_("应为：%(expected)s") % {"expected": expected} if expected else "")
        self.add_error(field, ValidationError(text))


def said(problem: LinliError) -> str:
    """A refusal as a sentence with its remedy, in the reader's language."""
    parts = (problem.zh, problem.remedy_zh) if chinese() else (problem.en, problem.remedy_en)
    return _("%(problem)s。%(remedy)s。") % {"problem": parts[0].rstrip(".。"), "remedy": parts[1].rstrip(".。")}


def system_field() -> forms.ChoiceField:
    """In which system the coordinates are."""
    return forms.ChoiceField(
        label=gettext_lazy("坐标系"),
        help_text=gettext_lazy("国内地图网站的坐标多为 GCJ-02 或 BD-09，卫星定位仪为 WGS-84；不清楚的要问清，差错有五百米"),
        choices=[("", gettext_lazy("请选择")), *((one, one) for one in SYSTEMS)],
    )
