"""The API as a program uses it, through the generated client."""

from __future__ import annotations

from web_examples import AID


def test_the_public_reads_the_catalogue_and_asks_without_a_token(city, db, caller):
    public = caller()
    slugs = [one["slug"] for one in public.list_programmes()["items"]]
    assert AID in slugs
    whole = public.get_programme(slug=AID)
    assert whole["words"]["zh"]
    assert public.list_programme_versions(slug=AID)["items"][0]["version"] == whole["version"]
    assessed = public.check(body={"subject": "person", "answers": []})
    assert {one["programme"] for one in assessed["standings"]} <= set(slugs)
    assert assessed["question"]
