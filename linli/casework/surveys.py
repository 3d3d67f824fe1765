"""The question that people are asked after a case was closed: declared by the city for each kind (cities/<city>/surveys.yaml)."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from linli.kernel.errors import malformed
from linli.rules.declare import Label

OTHERS = "others"
_malformed = partial(
    malformed,
    "casework.malformed_surveys",
    zh="满意度问题文件不正确",
    en="The file of survey questions is malformed.",
    like="cities/yuncheng/surveys.yaml",
)


def question(kind: str) -> Label:
    """What is asked after a case of this kind. Raises LinliError where the file is missing or malformed."""
    path = Path(settings.LINLI_CITY) / "surveys.yaml"
    if not path.is_file():
        raise _malformed(path, "the file", "no file")
    found = _questions(path, path.stat().st_mtime_ns)
    return found.get(kind) or found[OTHERS]


@lru_cache(maxsize=4)
def _questions(path: Path, _changed_ns: int) -> dict[str, Label]:
    try:
        declared: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = {kind: Label(text["zh"], text["en"]) for kind, text in declared.items()}
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise _malformed(path, "a question {zh, en} for each kind", type(error).__name__) from None
    if OTHERS not in found:
        raise _malformed(path, f"an entry for {OTHERS}", "none")
    return found
