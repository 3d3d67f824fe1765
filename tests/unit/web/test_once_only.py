"""What a programme asks for that a register already answers: each fact once, unknown is not known."""

from __future__ import annotations

from linli.rules import Label
from linli.rules.explain import ConditionExplained
from linli.web.person.mine import OnceOnly, once_only
from linli.web.programme.findings import Condition, Fact, OfPerson

WORD = Label("是", "yes")


def fact(name: str, value: Label | None, *people: Label | None, of_subject: bool = True) -> Fact:
    return Fact(Label(name, name), of_subject, value, None, tuple(OfPerson("某", each, None) for each in people), name)


def condition(*facts: Fact) -> Condition:
    return Condition(ConditionExplained("c", WORD, WORD, True, ()), facts)


def test_a_fact_that_two_conditions_read_counts_once():
    assert once_only([condition(fact("a", WORD), fact("b", None)), condition(fact("a", WORD))]) == OnceOnly(1, 1)


def test_one_member_whose_fact_is_unknown_leaves_the_familys_to_be_asked():
    assert once_only([condition(fact("income", None, WORD, None, of_subject=False))]) == OnceOnly(0, 1)
    assert once_only([condition(fact("income", None, WORD, WORD, of_subject=False))]) == OnceOnly(1, 0)


def test_nothing_read_is_nothing_known():
    assert once_only([]) == OnceOnly(0, 0)
