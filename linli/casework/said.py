"""What people write in a case, sealed under the key of the person it is about; and keys of acts, which are whoever's who made them."""

from __future__ import annotations

from linli import vault
from linli.casework.models import Case, Words
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer

LONGEST_WORDS = 1000


def scoped(viewer: Viewer, verb: str, key: str | None) -> str | None:
    """Keys are whoever's who made them: nobody learns with a guessed one what a colleague did."""
    return f"casework.{verb}:{viewer.actor}:{key}" if key else None


def tidy(words: str) -> str:
    """The words without blanks around them. Raises LinliError for more than LONGEST_WORDS characters."""
    text = words.strip()
    if len(text) > LONGEST_WORDS:
        raise LinliError(
            "casework.too_many_words",
            zh="文字太长",
            en="The text is too long.",
            place=Place(field="words"),
            expected=f"at most {LONGEST_WORDS} characters",
            expected_zh=f"最多 {LONGEST_WORDS} 个字",
            found=f"{len(text)}",
            remedy_zh="请写得短一些",
            remedy_en="please shorten it",
        )
    return text


def sealed_words(viewer: Viewer, case: Case, part: str, text: str) -> list[Words]:
    """The words sealed under the person's key; nothing for no words."""
    if not text:
        return []
    cipher = vault.protect(case.subject_uid, {"words": text})["words"]
    return [Words.objects.create(case=case, subject=case.subject_uid, part=part, cipher=cipher, actor=viewer.actor, at=clock.now())]


def required(words: str) -> str:
    """The words tidied. Raises LinliError where there are none."""
    text = tidy(words)
    if not text:
        raise LinliError(
            "casework.no_reasons",
            zh="请写明理由",
            en="Say why.",
            place=Place(field="words"),
            remedy_zh="写明理由后再提交",
            remedy_en="write the reasons and try again",
        )
    return text


def sealed(case: Case, words: str) -> dict[str, str]:
    """The words as a part of a signature, {} for none: ciphertext under the key of the person whom the case is about."""
    text = tidy(words)
    return vault.protect(case.subject_uid, {"words": text}) if text else {}
