"""Search keys of personal names: toneless pinyin, initials, character bigrams. Stored when the name is written."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Characters that are read differently as a surname (《通用规范汉字表》 usage; 现代汉语词典, surnames).
SURNAMES = {
    "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "曾": "zeng", "任": "ren", "盖": "ge", "朴": "piao", "种": "chong",
    "翟": "zhai", "缪": "miao", "乐": "yue", "员": "yun", "折": "she", "卜": "bu", "尹": "yin", "宓": "mi", "幺": "yao", "秘": "bi",
    "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun", "澹台": "tan tai", "宿": "su", "逄": "pang", "葛": "ge", "洗": "xian",
}  # fmt: skip
_SEPARATORS = str.maketrans(dict.fromkeys("・•‧∙．･", "·"))


@dataclass(frozen=True, slots=True)
class NameKeys:
    """pinyin: 'wang jian guo', sorts as people expect. initials: 'wjg'. bigrams: ('王建', '建国')."""

    pinyin: str
    initials: str
    bigrams: tuple[str, ...]


def tidy(name: str) -> str:
    """The name as stored: composed Unicode, no spaces inside a Chinese name, one kind of middle dot."""
    composed = unicodedata.normalize("NFC", name).translate(_SEPARATORS)
    words = composed.split()
    return "".join(words) if all(is_han(word[0]) or word[0] == "·" for word in words) else " ".join(words)


def is_han(letter: str) -> bool:
    """Whether this is a Chinese character, rare ones beyond the basic plane included."""
    return unicodedata.name(letter, "").startswith("CJK") or letter == "〇"


@lru_cache(maxsize=20_000)
def _syllable(letter: str) -> str:
    # Loading its dictionaries takes a third of a second, which commands that write no name need not pay.
    from pypinyin import Style, pinyin

    return str(pinyin(letter, style=Style.NORMAL, errors="default")[0][0]).lower()


def keys(name: str) -> NameKeys:
    """Search keys of a tidy name. About 2 µs once its characters were seen."""
    surname = next((name[:length] for length in (2, 1) if name[:length] in SURNAMES), "")
    syllables = SURNAMES[surname].split() if surname else []
    syllables += [_syllable(letter) for letter in name[len(surname) :] if letter not in "· "]
    return NameKeys(" ".join(syllables), "".join(syllable[:1] for syllable in syllables), bigrams(name))


def bare(text: str) -> str:
    """A name's characters without dots and spaces, which people leave out when they search."""
    return text.replace("·", "").replace(" ", "")


def toneless(spelling: str) -> str:
    """Pinyin as it is stored, however it was typed: small, without tones and apostrophes, ü as v (Lǚ'ān → lvan)."""
    letters = unicodedata.normalize("NFD", spelling.lower()).replace("u\u0308", "v")
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn" and letter not in "'’")


def bigrams(text: str) -> tuple[str, ...]:
    """Each pair of neighbouring characters once, in order; a one-character name is its own pair."""
    letters = bare(text)
    pairs = [letters[index : index + 2] for index in range(max(1, len(letters) - 1))]
    return tuple(dict.fromkeys(pair for pair in pairs if pair))
