"""The field for what is right: of every column of every list codes are chosen in words, and what is typed comes out as stored."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.utils.translation import override

from linli.registers.lists import Column, load_lists
from linli.web.office import corrected
from linli.web.programme.questions import DayField

COLUMNS = [column for one in load_lists(Path(settings.LINLI_CITY)).values() for column in one.fact_columns]
CODED = {"disability_kind", "disability_level", "care_level", "student_level", "subsistence_category"}
TYPED: dict[str, tuple[Any, Any]] = {
    "money": ("1234.56", 123456),
    "date": (["1950", "3", "8"], "1950-03-08"),
    "boolean": ("yes", True),
    "integer": ("7", 7),
}


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_value_is_typed_as_fits_its_column_and_stored_as_the_list_has_it(column: Column, language: str):
    with override(language):
        field = corrected.value_field(column, required=False)
        assert corrected.shown(column, None) == "–"
        if column.fact in CODED:
            assert isinstance(field, forms.ChoiceField)
            codes = [code for code, _words in field.choices if code]
            assert codes
            for code, said in field.choices:
                if code:
                    stored = corrected.stored_value(column, field.clean(code))
                    assert stored in (code, int(code) if code.isdecimal() else code)
                    assert type(stored) is (int if column.type == "integer" else str)
                    assert said == corrected.shown(column, stored)
                    assert language == "en" or said != code
            return
        assert isinstance(field, DayField) is (column.type == "date")
        if column.type in TYPED:
            typed, stored = TYPED[column.type]
            assert corrected.stored_value(column, field.clean(typed)) == stored
            assert corrected.shown(column, stored) not in (str(stored), "")
        if column.type in ("money", "integer"):
            assert field.unit  # type: ignore[attr-defined]


def test_yuan_are_exact_and_inside_the_columns_span():
    income = next(column for column in COLUMNS if column.fact == "monthly_income")
    field = corrected.value_field(income, required=False)
    for wrong in ("1.005", "-1", "1000000.01"):
        with pytest.raises(forms.ValidationError):
            field.clean(wrong)
    assert corrected.stored_value(income, field.clean("0.29")) == 29
    assert date.fromisoformat("1950-03-08") == DayField((1900, 2100)).clean(["1950", "3", "8"])
