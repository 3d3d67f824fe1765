"""`linli letters`: what a city's clerk sees of the kinds and of a template that is wrong."""

import pytest
from click.testing import CliRunner

from linli.kernel.errors import Problems
from linli.papers.letters import kind_of, missing_fonts
from linli.site.command.letters import command

pytestmark = pytest.mark.skipif(bool(missing_fonts()), reason="letters are set in fonts-noto-cjk: make test installs it where it may")


def run(*words, lang="zh"):
    return CliRunner().invoke(command, list(words), env={"LINLI_LANG": lang, "LINLI_CITY": None}, catch_exceptions=False)


def test_the_list_and_the_fields_say_what_there_is():
    assert "受理通知书" in run("list").output
    said = run("fields", "refusal", lang="en").output
    assert "* organ" in said
    assert "+ court" in said
    assert "* condition" in said


def test_a_template_can_be_looked_at(tmp_path):
    run("try", "receipt", "--out", str(tmp_path / "a.pdf"), "--language", "en", "--sealing", "sealed")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_a_city_s_template_that_trips_over_an_absent_field_is_found(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "ending.typ").write_text('#import "frame.typ": *\n#show: paper\n#sign(par(f.effects.join()))\n')
    assert run("check", "receipt", "--city", str(tmp_path)).output == "1 ✓\n"
    with pytest.raises(Problems) as caught:
        run("check", "ending", "--city", str(tmp_path))
    assert str(caught.value.problems[0].place) == "ending.typ:3:10"
    assert kind_of("ending", tmp_path).zh == kind_of("ending").zh
