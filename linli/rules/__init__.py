"""The rule language: load and check a rule, evaluate it over files (Polars) or for one person (PostgreSQL), explain it, say it in words."""

from linli.rules.bulk import Written, evaluate_to_files, evaluate_to_parquet
from linli.rules.declare import FactDeclaration, Label, load_vocabulary
from linli.rules.evaluate import evaluate_frame
from linli.rules.explain import Explanation, explain, explain_verdict
from linli.rules.live import LiveRules, Verdict, compiled, evaluate_postgres
from linli.rules.rule import Condition, Rule, load_rule
from linli.rules.source import Entry, read_yaml

__all__ = [
    "Condition",
    "Entry",
    "Explanation",
    "FactDeclaration",
    "Label",
    "LiveRules",
    "Rule",
    "Verdict",
    "Written",
    "compiled",
    "evaluate_frame",
    "evaluate_postgres",
    "evaluate_to_files",
    "evaluate_to_parquet",
    "explain",
    "explain_verdict",
    "load_rule",
    "load_vocabulary",
    "read_yaml",
]
