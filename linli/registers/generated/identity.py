"""Made-up names, identity numbers, phones and ids. All of them are recognisable as generated.

Identity numbers use the division 990000, which does not exist, the person's birth date and a valid check character (GB 11643).
Phones begin with 12, which no mobile operator has. Names are put together from common characters by chance.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from linli.kernel.errors import LinliError
from linli.kernel.identity import credit_check_character
from linli.registers.generated.kinship import Kin, share_at
from linli.registers.generated.population import Bools, Ints, Slice, stream

DIVISION = "990000"
_SURNAMES = "王张李刘陈杨赵郭高吴周孙马徐胡朱林何董樊薛卫范许贾姚任柴裴梁宋郑谢韩唐冯于程曹袁邓傅沈曾彭吕苏卢蒋蔡丁魏叶阎余潘杜戴夏钟汪田姜"
_MEN = "伟强军建国明志勇平刚峰辉鹏杰涛斌波宁海龙飞亮俊凯东兵文武卫红星庆林森磊鑫浩宇轩泽晨阳博睿铭辰"
_WOMEN = "芳丽娟秀英敏静霞燕玲桂花兰红梅琴云莲香萍月凤翠莉娜婷雪倩颖欣怡梦佳涵雨萱诗琪悦彤妍"
_EARLIEST = date(1900, 1, 1)
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.array(list("10X98765432"))
_SINGLE_NAME = {0: 0.10, 20: 0.18, 30: 0.42, 55: 0.30, 65: 0.15}  # share of one-character given names, by age from (assumption)
_KINDS = {"person": "8000", "household": "8001", "book": "8002", "organisation": "8003"}
_ONE_DAY_OF_ONE_SEX = 500


class Numbers:
    """Sequence numbers of a birth date and sex, handed out in turn; one object per population, asked block after block."""

    def __init__(self) -> None:
        self._used = np.zeros((2, 366 * 230), dtype=np.int64)

    def identity_numbers(self, born: npt.NDArray[np.datetime64], male: Bools) -> pl.Series:
        """18 characters each, unique over everything this object has handed out. Raises LinliError after 500 of one day and sex."""
        day = (born - np.datetime64(_EARLIEST, "D")).astype(np.int64)
        cell = day * 2 + male
        order = np.argsort(cell, kind="stable")
        rank = np.empty(len(cell), dtype=np.int64)
        rank[order] = np.arange(len(cell)) - np.searchsorted(cell[order], cell[order])
        sex = male.astype(np.int64)
        turn = self._used[sex, day] + rank
        np.add.at(self._used, (sex, day), 1)
        if len(turn) and turn.max() >= _ONE_DAY_OF_ONE_SEX:
            raise _too_many()
        return _numbers(born, (turn * 2 + sex) % 1000)


def _numbers(born: npt.NDArray[np.datetime64], sequence: Ints) -> pl.Series:
    day = born.astype("datetime64[D]")
    months = day.astype("datetime64[M]")
    year = day.astype("datetime64[Y]").astype(np.int64) + 1970
    date_number = year * 10_000 + (months.astype(np.int64) % 12 + 1) * 100 + (day - months).astype(np.int64) + 1
    number = int(DIVISION) * 10**11 + date_number * 1000 + sequence
    check = np.zeros(len(number), dtype=np.int64)
    rest = number.copy()
    for weight in _WEIGHTS[::-1]:
        check += rest % 10 * weight
        rest //= 10
    return pl.Series("identity_number", number).cast(pl.String) + pl.Series(_CHECK[check % 11].tolist(), dtype=pl.String)


def uids(kind: str, seed: int, numbers: Ints) -> pl.Series:
    """Ids shaped as UUIDv7 of one fixed instant: seed in the fourth group's place, kind in the fifth's, the running number in clear."""
    prefix = f"0190c0de-0000-7{seed % 4096:03x}-{_KINDS[kind]}-"
    return prefix + pl.Series(numbers).cast(pl.String).str.zfill(12)


def phones(rng: np.random.Generator, size: int) -> pl.Series:
    """Eleven digits that begin with 12."""
    return "12" + pl.Series(rng.integers(0, 10**9, size)).cast(pl.String).str.zfill(9)


def draw_names(block: Slice, seed: int, kin: Kin) -> npt.NDArray[np.str_]:
    """A name for each person; children carry their father's surname, else their mother's."""
    rng = stream(seed, block, "names")
    size = len(kin.age)
    common = 1 / (np.arange(len(_SURNAMES)) + 3.0)
    surname = rng.choice(len(_SURNAMES), size, p=common / common.sum())
    namesake = np.where(kin.father >= 0, kin.father, np.where(kin.mother >= 0, kin.mother, np.arange(size)))
    while not np.array_equal(namesake, namesake[namesake]):  # up to the eldest known
        namesake = namesake[namesake]
    surname = surname[namesake]
    men, women = np.array(list(_MEN)), np.array(list(_WOMEN))
    first = np.where(kin.male, rng.choice(men, size), rng.choice(women, size))
    second = np.where(kin.male, rng.choice(men, size), rng.choice(women, size))
    single = rng.random(size) < share_at(_SINGLE_NAME, kin.age)
    given = np.where(single, first, np.char.add(first, second))
    return np.char.add(np.array(list(_SURNAMES))[surname], given)


def credit_codes(numbers: Ints) -> npt.NDArray[np.str_]:
    """Unified social credit codes (GB 32100) of the division 990000, with a valid check character."""
    stems = [f"91{DIVISION}{number:09d}" for number in numbers.tolist()]
    return np.array([stem + credit_check_character(stem) for stem in stems], dtype="U18")


def _too_many() -> LinliError:
    return LinliError(
        "generated.too_many",
        zh="生成的居民太多，同一天出生的人用完了顺序码",
        en="Too many residents: the sequence numbers of one birth date are used up.",
        expected=("最多约 3000 万居民", "at most about 30 million residents"),
        found=("同一出生日期、同一性别超过 500 人", "more than 500 of one birth date and sex"),
        remedy_zh="减少居民数",
        remedy_en="generate fewer residents",
    )
