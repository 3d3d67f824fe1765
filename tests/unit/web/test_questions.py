"""The city's questions: both languages, known facts only, an entry for every fact the programmes ask of a person."""

from datetime import date
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from linli.programmes import catalogue
from linli.registers.lists import load_lists, vocabulary
from linli.screening.interview import SITUATIONS, Interview, from_text, to_text

CITY = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
QUESTIONS = yaml.safe_load((CITY / "questions.yaml").read_text())["questions"]


def test_every_entry_is_for_a_known_fact_and_speaks_both_languages():
    facts = vocabulary(CITY)
    for key, entry in QUESTIONS.items():
        kind, _, name = key.partition("@")[0].partition(":")
        assert kind == "members" or (name in SITUATIONS if kind == "place" else name in facts), key
        texts = [entry[part] for part in ("ask", "hint", "each", "unit") if part in entry]
        texts += [*entry.get("values", {}).values(), *entry.get("answers", {}).values()]
        texts += [entry["from_age"]["source"]] if "from_age" in entry else []
        assert all(set(text) == {"zh", "en"} and all(text.values()) for text in texts), key
        assert set(entry.get("values", {})) <= _codes(facts.get(name, {})), key


def _codes(fact):
    """The values that a fact can have: those named, or every whole number between its limits."""
    if fact.get("type") == "integer" and "max" in fact:
        return {str(number) for number in range(fact["min"], fact["max"] + 1)}
    return set(fact.get("values", ()))


def test_what_a_list_writes_in_words_is_never_shown_as_a_bare_code():
    columns = [column for declaration in load_lists(CITY).values() for column in declaration.columns if column.fact and column.codes]
    coded = {(column.fact, str(value)) for column in columns for value in column.codes.values() if not isinstance(value, bool)}
    assert {("disability_level", "2"), ("disability_kind", "visual")} <= coded
    assert [one for one in sorted(coded) if one[1] not in QUESTIONS.get(f"fact:{one[0]}", {}).get("values", {})] == []


def test_only_yes_or_no_facts_have_an_asking_age_or_words_for_yes_and_no():
    facts = vocabulary(CITY)
    for key, entry in QUESTIONS.items():
        if {"from_age", "answers"} & set(entry):
            assert facts[key.removeprefix("fact:")]["type"] == "boolean", key
            assert set(entry.get("answers", {"yes", "no"})) == {"yes", "no"}, key


def test_every_question_of_the_programmes_has_words_of_its_own():
    interview = Interview([programme.rule for programme in catalogue(CITY) if programme.invites], date(2026, 11, 1), "140802")
    asked = {key for key in interview.questions if not key.startswith(("each:", "holds:"))}
    assert sorted(asked - set(QUESTIONS)) == []


@given(
    st.lists(
        st.tuples(
            st.text(max_size=10),
            st.one_of(
                st.none(),
                st.booleans(),
                st.integers(),
                st.text(max_size=5),
                st.dates(),
                st.lists(st.one_of(st.none(), st.dates(), st.booleans())),
            ),
        )
    )
)
def test_answers_survive_the_way_through_the_form(answers):
    assert from_text(to_text(answers)) == answers
