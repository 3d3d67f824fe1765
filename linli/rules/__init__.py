"""The rule language: load and check a rule, evaluate it over files (Polars) or for one person (PostgreSQL), explain it, say it in words."""

from linli.rules.declare import FactDeclaration, Label, load_vocabulary
from linli.rules.evaluate import evaluate_frame
from linli.rules.live import LiveRules, Verdict, compiled, evaluate_postgres
from linli.rules.rule import Condition, Rule, load_rule
from linli.rules.source import Entry, read_yaml

__all__ = [
    "Condition",
    "Entry",
    "FactDeclaration",
    "Label",
    "LiveRules",
    "Rule",
    "Verdict",
    "compiled",
    "evaluate_frame",
    "evaluate_postgres",
    "load_rule",
    "load_vocabulary",
    "read_yaml",
]
