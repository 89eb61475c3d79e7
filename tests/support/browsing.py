"""Somebody with a browser: forms are filled in as they are on the page, every field has its label."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
from sites import Site


class Forms(HTMLParser):
    """The forms of a page: action and the values that a browser would send, of several with one action the first."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.unlabelled: list[str] = []
        self._labels = set(re.findall(r'<label for="([^"]+)"', page))
        self._text = self._select = ""
        self._first = False
        self.feed(page)

    @property
    def found(self) -> dict[str, dict[str, str]]:
        """The first form of each action."""
        return dict(reversed(self.forms))

    def of(self, action: str) -> list[dict[str, str]]:
        """All forms of one action."""
        return [fields for found, fields in self.forms if found == action]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given["action"], {}))
        kind, name = given.get("type"), given.get("name", "")
        if tag in ("input", "select", "textarea"):
            if kind not in ("hidden", "checkbox") and given.get("id") not in self._labels:
                self.unlabelled.append(str(given))
            if kind != "checkbox" or "checked" in given:
                self.forms[-1][1][name] = given.get("value", "")
        if tag == "textarea":
            self._text = name
        if tag == "select":
            self._select, self._first = name, True
        if tag == "option" and self._select:
            if "selected" in given or self._first:
                self.forms[-1][1][self._select] = given.get("value", "")
            self._first = False

    def handle_data(self, data: str) -> None:
        if self._text:
            self.forms[-1][1][self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select"):
            self._text = self._select = ""


class Browser:
    """Somebody with a browser: follows redirects, fills in the forms of the page they see."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.page = ""
        self.status = 0

    async def open(self, path: str) -> str:
        return self._seen(await self.http.get(path, follow_redirects=True))

    async def fill(self, action: str, /, *which: int, **values: str) -> str:
        fields = Forms(self.page).of(action)[which[0] if which else 0]
        return self._seen(await self.http.post(action, data={**fields, **values}, follow_redirects=True))

    def _seen(self, answer: httpx.Response) -> str:
        self.page, self.status = answer.text, answer.status_code
        assert "Traceback" not in self.page
        assert Forms(self.page).unlabelled == []
        return self.page


async def signed_in(site: Site, slug: str) -> Browser:
    browser = Browser(site.browser())
    await browser.open("/inbox")
    assert "Mã đăng nhập" in browser.page
    await browser.fill("/sign-in", token=await site.token(slug))
    assert "Việc của tôi" in browser.page
    return browser
