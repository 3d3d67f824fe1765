"""`linli programme`: check, show, confirm and publish programme files; write their reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from django.conf import settings

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.programmes import Catalogue, Programme, catalogue
from linli.programmes.catalogue import Survey, survey
from linli.programmes.examples import examples_of, run_example
from linli.programmes.files import ReadFile, city_vocabulary, load_programme, read_file
from linli.programmes.finding import Finding
from linli.programmes.naming import naming
from linli.programmes.publishing import findings, findings_despite_faults
from linli.programmes.reference import write_reference
from linli.programmes.telling import procedure_words
from linli.site.command import language

SLUG = click.argument("slug")
VERSION = click.option("--version", "version", metavar="NAME", help="a version by name; the newest if left out")


@click.group()
def command() -> None:
    """Programme files of the city (LINLI_CITY): check, show, confirm and publish them."""


def _catalogue() -> Catalogue:
    return catalogue(settings.LINLI_CITY)


def _one(slug: str, version: str | None) -> tuple[Catalogue, Programme]:
    shelf = _catalogue()
    return shelf, shelf.version(slug, version) if version else shelf.newest(slug)


def _say(zh: str, en: str) -> str:
    return zh if language() == "zh" else en


@command.command()
@click.argument("what", metavar="[SLUG|PATH]", required=False)
@click.option("--all", "everything", is_flag=True, help="every programme of the city")
def check(what: str | None, everything: bool) -> None:
    """Check a programme, a file, or all of them: format, rule, lint, examples, hukou swap. Exit code 1 if it can't be published.

    Everything that can be found is said in one go: a fault in the rule hides no other.
    """
    if what is None and not everything:
        raise click.UsageError("give a SLUG or a PATH, or --all")
    blocked = False
    for title, found in _checked(survey(settings.LINLI_CITY), what):
        blocked |= any(finding.blocks for finding in found)
        click.echo(f"{title}: {_verdict(found)}")
        for finding in found:
            click.echo(f"  {'✗' if finding.blocks else '·'} {finding.error.text(language())}")
    if blocked:
        raise SystemExit(1)


def _checked(city: Survey, what: str | None) -> Iterator[tuple[str, list[Finding]]]:
    """What each chosen version or file is called, and everything found in it."""
    shelf = city.catalogue
    path = _path_of(what) if what is not None else None
    broken: Mapping[str, ReadFile]
    if path is not None:
        read = read_file(path, city_vocabulary(shelf.path))
        broken, whole = {str(path): read} if read.faults else {}, [read.programme] if read.programme and not read.faults else []
    elif what is None:
        broken, whole = city.broken, [programme for versions in shelf.versions.values() for programme in versions]
    else:
        broken = city.broken_of(what)
        whole = list(shelf.versions.get(what, ()) if broken else shelf.of(what))
    for file, read in broken.items():
        yield file, findings_despite_faults(read, shelf)
    for programme in whole:
        yield f"{programme.slug} {programme.version}", findings(programme, shelf)


def _path_of(what: str) -> Path | None:
    """The programme file that is meant, or None if a slug is."""
    path = Path(what)
    if path.is_dir() and (path / "programme.yaml").is_file():
        path = path / "programme.yaml"
    return path if path.suffix == ".yaml" or path.is_file() else None


def _verdict(found: list[Finding]) -> str:
    against = sum(finding.blocks for finding in found)
    if against:
        return _say(f"{against} 处不能发布", f"{against} reasons against publishing")
    return _say(f"通过，{len(found)} 处提示", f"passes, {len(found)} remarks")


@command.command()
@click.argument("what", metavar="SLUG|PATH")
@VERSION
def words(what: str, version: str | None) -> None:
    """Say the rule back in words, from its syntax tree, and the way from an application to paid, in both languages; of a file too."""
    path = _path_of(what)
    shelf, programme = (_catalogue(), load_programme(path, city_vocabulary(_catalogue().path))) if path else _one(what, version)
    names = naming(shelf.path)
    for said in ("zh", "en"):
        click.echo(f"{programme.words(said, names)}\n\n{procedure_words(programme, said, names, shelf.city.bodies)}\n")
    if programme.reading is not None:
        reading = programme.reading
        click.echo(f"{reading.question.zh}\n{reading.chosen.zh}\n\n{reading.question.en}\n{reading.chosen.en}")


@command.command()
@click.argument("slug", required=False)
def examples(slug: str | None) -> None:
    """Run the examples of a programme, or of all. Exit code 1 if one differs from the rule."""
    shelf = _catalogue()
    wrong: list[LinliError] = []
    count = 0
    for name in [slug] if slug else list(shelf.slugs):
        newest = shelf.newest(name).version
        for programme in shelf.of(name):
            for example in examples_of(programme, shelf.path, newest):
                count += 1
                wrong += run_example(example, programme)
    for error in wrong:
        click.echo(error.text(language()), err=True)
    click.echo(_say(f"{count} 个示例，{len(wrong)} 处不符", f"{count} examples, {len(wrong)} differences"))
    if wrong:
        raise SystemExit(1)


@command.command()
@SLUG
@VERSION
@click.option("--by", "office", required=True, metavar="OFFICE", help="the office that stands by the rule in these words; shown in public")
def confirm(slug: str, version: str | None, office: str) -> None:
    """Record that the owner confirms the rule in the words that `words` shows."""
    from linli.programmes.acts import confirm_reading  # models: only once Django is set up

    _, programme = _one(slug, version)
    row = confirm_reading(viewer=system("command"), programme=programme, confirmed_by=office)
    click.echo(_say(f"已确认：{row.confirmed_by}，{row.words_digest}", f"confirmed by {row.confirmed_by}: {row.words_digest}"))


@command.command()
@click.argument("slug", required=False)
@VERSION
@click.option("--all", "everything", is_flag=True, help="every version that can be published; the others are listed with their reasons")
@click.option("--demonstration", is_flag=True, help="allow stand-in figures: for a demonstration only")
def publish(slug: str | None, version: str | None, everything: bool, demonstration: bool) -> None:
    """Publish a version. From then on it never changes."""
    from linli.programmes.acts import publish_ready, publish_version

    if (slug is None) != everything:
        raise click.UsageError("give a SLUG or --all")
    allowed = True if demonstration else None
    if slug is not None:
        shelf, programme = _one(slug, version)
        row = publish_version(viewer=system("command"), catalogue=shelf, programme=programme, demonstration=allowed)
        click.echo(_say(f"已发布 {row}", f"published {row}"))
        return
    report = publish_ready(viewer=system("command"), catalogue=_catalogue(), demonstration=allowed)
    for row in report.published:
        click.echo(_say(f"已发布 {row}", f"published {row}"))
    for programme, errors in report.refused:
        click.echo(_say(f"未发布 {programme.slug} {programme.version}", f"not published: {programme.slug} {programme.version}"))
        for error in errors:
            click.echo(f"  {error.text(language())}")


@command.command("list")
def list_() -> None:
    """Every programme with its versions, and which of them is published and applies today."""
    from linli.programmes.queries import live_versions

    live = {row.slug: row.version for row in live_versions(clock.today())}
    for slug, versions in _catalogue().versions.items():
        for programme in versions:
            end = programme.effective_to or "…"
            mark = "●" if live.get(slug) == programme.version else "○"
            click.echo(f"{mark} {slug} {programme.version} {programme.effective_from} – {end} {programme.label.text(language())}")


@command.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("docs/programmes"), show_default=True)
@click.option("--check", "only_check", is_flag=True, help="write nothing; exit code 1 if the files are out of date")
def reference(out: Path, only_check: bool) -> None:
    """Write the reference: the format's fields, and one page per programme, in both languages."""
    stale = write_reference(_catalogue(), out, write=not only_check)
    for path in stale:
        click.echo(_say(f"{'过期' if only_check else '已写入'} {path}", f"{'out of date' if only_check else 'written'}: {path}"))
    if only_check and stale:
        raise SystemExit(1)
