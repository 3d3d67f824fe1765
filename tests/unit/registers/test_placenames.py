"""English names of divisions."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.registers.placenames import english, overrides_of

CITIES = Path(__file__).resolve().parents[3] / "cities"


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("14", "山西省", "Shanxi Province"),
        ("61", "陕西省", "Shaanxi Province"),
        ("1408", "运城市", "Yuncheng City"),
        ("140802", "盐湖区", "Yanhu District"),
        ("140824", "稷山县", "Jishan County"),
        ("140823", "闻喜县", "Wenxi County"),
        ("140826", "绛县", "Jiang County"),
        ("140827", "垣曲县", "Yuanqu County"),
        ("140881", "永济市", "Yongji City (county-level)"),
        ("140108", "尖草坪区", "Jiancaoping District"),
        ("610100", "西安市", "Xi'an City (county-level)"),
        ("140802002", "东城街道", "Dongcheng Subdistrict"),
        ("140882100", "樊村镇", "Fancun Town"),
        ("140802002001", "槐东社区居委会", "Huaidong Community"),
        ("140882100201", "樊村村委会", "Fancun Village"),
        ("140802008216Z01", "许家村委会 第1组", "Xujia Village, group 1"),
        ("140802001001B0012", "西花园社区居委会 12号楼", "Xihuayuan Community, building 12"),
        ("140802008216Z01", "第1组", "Group 1"),
        ("140802", "", ""),
    ],
)
def test_names_are_spelt_and_suffixes_translated(code: str, name: str, expected: str) -> None:
    assert english(code, name) == expected


def test_every_division_of_both_cities_has_an_english_name_of_its_own_within_its_parent() -> None:
    for city in ("yuncheng", "taiyuan"):
        folder = CITIES / city / "areas"
        overrides = overrides_of(folder)
        with (folder / "divisions.csv").open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.DictReader(stream) if len(row["code"]) <= 9]
        names = {row["code"]: english(row["code"], row["name"], overrides) for row in rows}
        assert all(name.replace("ü", "u").isascii() and name[0].isupper() for name in names.values())
        counties = [name for code, name in names.items() if len(code) == 6]
        assert len(set(counties)) == len(counties)


def test_the_citys_own_name_goes_before(tmp_path: Path) -> None:
    (tmp_path / "english.yaml").write_text('names: {"140823": Wenxi, "140826": Jiangxian}', "utf-8")
    overrides = overrides_of(tmp_path)
    assert english("140823", "闻喜县", overrides) == "Wenxi"
    assert english("140824", "稷山县", overrides) == "Jishan County"
    assert overrides_of(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    "text", ["names: [1]", "names: {140826: Jiang County}", "- a", "names: {'14x': A}", "a: [", "names: {'140826': 1}"]
)
def test_a_file_that_is_none_is_refused_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "english.yaml").write_text(text, "utf-8")
    with pytest.raises(LinliError) as refused:
        overrides_of(tmp_path)
    assert refused.value.remedy_zh
    assert refused.value.remedy_en


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=6), st.sampled_from("区县市"))
def test_any_chinese_name_keeps_its_suffix_and_begins_with_a_capital(stem: str, suffix: str) -> None:
    name = english("140802", stem + suffix)
    assert name.endswith(("District", "County", "City (county-level)", "Zone"))
    assert name[:1] == name[:1].upper()
