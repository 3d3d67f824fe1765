"""The survey component: one question of the city's, five answers, and a few words if one likes. The same wherever it is asked."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from linli.casework.surveys import question
from linli.web.frame.own_words import OwnWords
from linli.web.templatetags.texts import words

SCORES = (
    (5, gettext_lazy("很满意")),
    (4, gettext_lazy("满意")),
    (3, gettext_lazy("一般")),
    (2, gettext_lazy("不满意")),
    (1, gettext_lazy("很不满意")),
)


class ScoreField(forms.TypedChoiceField):
    """Five answers under the city's question for a kind of case."""

    def __init__(self, kind: str, *, required: bool) -> None:
        super().__init__(
            label=words(question(kind)), choices=SCORES, coerce=int, empty_value=None, required=required, widget=forms.RadioSelect
        )


class SurveyForm(forms.Form):
    """The whole survey of a closed case. Its case says whom it is about: for whoever no longer acts for them there is none."""

    words = OwnWords(label=gettext_lazy("还想说的话"), help_text=gettext_lazy("可以不写"), rows=3)
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, kind: str, data: object = None, **more: object) -> None:
        super().__init__(data, **more)  # type: ignore[arg-type]
        self.fields["score"] = ScoreField(kind, required=True)
        self.order_fields(["score", "words"])
