"""Pages that change while somebody waits: what is new is told once and politely, and nobody is taken away from where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conftest import Opener, sign_in
from import_examples import HOME
from test_import_pages import files, upload
from web_examples import SmallCity

from linli.kernel import clock
from linli.registers.imports import uploads
from linli.registers.models import Upload
from linli.web.models import Download

TOLD = "() => document.querySelector('[data-watch-told]').textContent"
COUNT = """() => {
  window.tellings = 0;
  new MutationObserver(() => { window.tellings += 1; }).observe(document.querySelector("[data-watch-told]"), {childList: true});
}"""


def test_what_a_job_comes_to_is_told_once_and_nobody_is_taken_away(opened: Opener, small_city: SmallCity, tmp_path: Path, monkeypatch: Any):
    """A download grows under the reader's hand; a large file that was checked meanwhile leads on when asked."""
    monkeypatch.setattr(uploads, "LARGE", 3)
    wrong, _mended = files(tmp_path, small_city)
    made = Download.objects.create(
        actor=small_city.officer.actor, listing="residents", file_name="名单.xlsx", language="zh", state="running", done=10, total=100,
        asked_at=clock.now(),
    )  # fmt: skip
    with opened() as page:
        sign_in(page)
        page.goto(f"/office/downloads/{made.uid}/")
        page.evaluate(COUNT)
        page.focus("text=看看进度")
        Download.objects.update(done=50)
        page.wait_for_selector("text=已写入 50 行")
        assert page.evaluate("document.activeElement.textContent") == "看看进度"
        assert page.evaluate(TOLD) == ""
        Download.objects.update(state="finished", done=100, finished_at=clock.now())
        page.wait_for_selector("text=保留一天")
        assert page.evaluate(TOLD) == "已完成"
        assert page.evaluate("document.activeElement.id") == "download"
        assert page.evaluate("window.tellings") == 1
        page.goto(HOME)
        upload(page, wrong)
        page.click("main button.button-large")
        page.wait_for_selector("progress")
        address = page.url
        uploads.run_job(Upload.objects.get().uid, "checking")
        page.wait_for_selector("a:text('看结果')")
        assert page.url == address
        assert page.evaluate("document.activeElement === document.body")
        assert page.evaluate(TOLD).endswith("看结果")
        page.click("a:text('看结果')")
        page.wait_for_selector("main h1")
        assert page.locator("progress").count() == 0
