"""What is said of an example that the rule answers otherwise."""

from __future__ import annotations

from programme_texts import programme

from linli.programmes.examples import try_text

TEXT = """\
programme: job-help
facts: {is_registered_unemployed: true}
examples:
  - {zh: 漏写地区, en: no place, as_of: 2026-02-01, facts: {}, expect: {verdict: eligible}}
"""


def test_an_undecided_example_names_the_facts_that_it_leaves_out():
    (found,) = try_text(programme(), TEXT)
    (told,) = found.differences
    assert (told.found, told.found_zh) == ("undecided; it lacks living_prefecture", "还不能确定，缺少 living_prefecture")
