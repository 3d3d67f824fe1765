"""The three choices of a reader, whatever a cookie or an address says."""

from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from linli.web.frame import preferences
from linli.web.frame.preferences import EDITIONS, LANGUAGES, SIZES, Preferences

words = st.one_of(
    st.sampled_from([*LANGUAGES, *EDITIONS, *SIZES]), st.text(st.characters(codec="ascii", exclude_characters=';,"\\ '), max_size=12)
)


def request_with(language: str, edition: str, size: str):
    request = RequestFactory().get("/")
    request.COOKIES.update(linli_language=language, linli_edition=edition, linli_size=size)
    return request


@given(words, words, words)
def test_any_cookie_gives_a_known_choice(language, edition, size):
    chosen = preferences.read(request_with(language, edition, size))
    assert chosen.language in LANGUAGES.values()
    assert chosen.edition in EDITIONS
    assert chosen.size in SIZES


@given(
    st.sampled_from(
        [f"{kind}:{value}" for kind, values in (("language", LANGUAGES), ("edition", EDITIONS), ("size", SIZES)) for value in values]
    )
)
def test_a_choice_is_taken_and_taking_it_twice_changes_nothing_more(choice):
    once = preferences.changed(Preferences(), choice)
    assert preferences.changed(once, choice) == once


@given(st.text(max_size=20).filter(lambda text: not text.startswith(("language:", "edition:", "size:"))))
def test_an_unknown_choice_is_ignored(choice):
    assert preferences.changed(Preferences(), choice) == Preferences()


def test_a_text_size_brings_the_elder_edition():
    assert preferences.changed(Preferences(), "size:largest") == Preferences(edition="elder", size="largest")
