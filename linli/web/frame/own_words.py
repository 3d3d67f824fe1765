"""The field in which somebody writes in their own words, wherever a form has one."""

from __future__ import annotations

from typing import Any

from django import forms

LONGEST = 1000


class OwnWords(forms.CharField):
    """Up to LONGEST characters over a few rows; may stay empty unless required."""

    def __init__(self, *, rows: int, required: bool = False, **more: Any) -> None:
        super().__init__(max_length=LONGEST, required=required, widget=forms.Textarea(attrs={"rows": rows}), **more)
