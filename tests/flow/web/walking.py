"""Walking a site by what its pages offer: forms are read off the page, filled in as a person would, and sent to where they lead."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from web_examples import PASSWORD


@dataclass
class Form:
    """A form of a page. values: what a browser would send untouched; choices: what may be chosen by name; buttons: name and value."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """Everything that it asks for or carries along."""
        return set(self.values) | set(self.choices) | {name for name, _value in self.buttons}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        if tag == "form":
            self.forms.append(Form(told.get("action", ""), told.get("method", "get").lower()))
        if not self.forms:
            return
        form, name = self.forms[-1], told.get("name", "")
        if tag == "input" and name:
            self._input(form, name, told)
        elif tag == "button" and name:
            form.buttons.append((name, told.get("value", "")))
        elif tag == "select":
            self._select = name
            form.values.setdefault(name, [])
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(told.get("value", ""))
            if "selected" in told or not form.values[self._select]:
                form.values[self._select] = [told.get("value", "")]
        elif tag == "textarea" and name:
            form.values.setdefault(name, [""])
            self._area = name

    def _input(self, form: Form, name: str, told: dict[str, str]) -> None:
        if told.get("type") in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(told.get("value", "on"))
            if "checked" in told:
                form.values.setdefault(name, []).append(told.get("value", "on"))
        elif told.get("type") != "file":
            form.values[name] = [told.get("value", "")]

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].values[self._area][0] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""


@dataclass
class Browser:
    """Somebody at a screen. at: the address that is open; page: its text. Every answer must be a page, and no page an error of ours."""

    client: Client
    at: str = "/"
    page: str = ""
    status: int = 200

    def open(self, address: str, status: int = 200) -> Browser:
        """An address, by the links that lead on from it."""
        return self._took(self.client.get(address, follow=True), address, status)

    def _took(self, response: Any, address: str, status: int) -> Browser:
        self.at = response.redirect_chain[-1][0] if response.redirect_chain else address
        content = b"".join(response.streaming_content) if response.streaming else response.content
        self.page, self.status = content.decode("utf-8", "replace"), response.status_code
        assert self.status == status, (address, self.status, self.said)
        return self

    @property
    def read(self) -> _Reader:
        """Forms and links of the page."""
        reader = _Reader()
        reader.feed(self.page)
        return reader

    @property
    def said(self) -> str:
        """The words of the page's main part, for a test that fails."""
        words: list[str] = []

        class Words(HTMLParser):
            def handle_data(self, data: str) -> None:
                if data.strip():
                    words.append(data.strip())

        Words().feed(self.page.split("<main", 1)[-1].split("<footer", 1)[0])
        return " | ".join(words)

    def form(self, *names: str, value: str = "") -> Form:
        """The first form that has all these names, and a button or a choice of this value."""
        for one in self.read.forms:
            offered = {told for _name, told in one.buttons} | {told for each in one.choices.values() for told in each}
            offered |= {told for each in one.values.values() for told in each}
            if set(names) <= one.names and (not value or value in offered):
                return one
        raise AssertionError(f"{self.at}: no form with {names} {value}: {self.said}")

    def offers(self, *names: str, value: str = "") -> bool:
        """Whether there is such a form."""
        try:
            self.form(*names, value=value)
        except AssertionError:
            return False
        return True

    def send(self, form: Form, status: int = 200, **more: Any) -> Browser:
        """The form with what is filled in, followed to the page that answers."""
        told: dict[str, Any] = {name: one if len(one) > 1 else one[0] for name, one in form.values.items() if one}
        address = form.action or self.at
        return self._took(self.client.post(address, {**told, **more}, follow=True), address, status)

    def follow(self, part: str) -> Browser:
        """The first link whose address has this part."""
        found = next((one for one in self.read.links if part in one), None)
        assert found is not None, f"{self.at}: no link with {part}: {self.said}"
        return self.open(found)


def at_work(login: str) -> Browser:
    """An officer or clerk who has signed in."""
    client = Client()
    assert client.post("/office/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return Browser(client)
