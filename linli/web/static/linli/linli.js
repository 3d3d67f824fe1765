// What a page can do better with scripts. Every page works without this file.
"use strict";

(function () {
  const root = document.documentElement;

  // Read aloud: the browser's own voice reads the element that the button names, sentence by sentence.
  function sentences(element) {
    const words = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      const text = walker.currentNode.textContent.replace(/\s+/g, " ").trim();
      if (text && !parent.closest("[hidden], .not-read, svg, script, select")) words.push(text);
    }
    return words;
  }

  function prepareReading(button) {
    if (!("speechSynthesis" in window)) return;
    const label = button.querySelector("[data-label]");
    const idle = label.textContent;
    const setIdle = function () { label.textContent = idle; button.setAttribute("aria-pressed", "false"); };
    button.hidden = false;
    button.addEventListener("click", function () {
      if (window.speechSynthesis.speaking) { window.speechSynthesis.cancel(); setIdle(); return; }
      const parts = sentences(document.getElementById(button.dataset.readAloud));
      parts.forEach(function (part, index) {
        const utterance = new SpeechSynthesisUtterance(part);
        utterance.lang = root.lang;
        utterance.rate = root.dataset.edition === "elder" ? 0.85 : 1;
        if (index === parts.length - 1) utterance.onend = setIdle;
        window.speechSynthesis.speak(utterance);
      });
      label.textContent = button.dataset.stop;
      button.setAttribute("aria-pressed", "true");
    });
    window.addEventListener("pagehide", function () { window.speechSynthesis.cancel(); });
  }

  function preparePrinting(button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  }

  // A filter that is chosen applies at once; its button stays for those without scripts.
  function prepareFilter(form) {
    form.querySelectorAll("select").forEach(function (select) {
      select.addEventListener("change", function () { form.requestSubmit(); });
    });
  }

  // A list that is left for one of its rows is remembered in this tab, so that the next row is one step away. Signing in forgets it.
  const LIST = "linli-list";

  function rememberList(table) {
    table.addEventListener("click", function (event) {
      if (!event.target.closest("[data-row]")) return;
      const rows = Array.from(table.querySelectorAll("[data-row]"), function (row) { return row.pathname; });
      window.sessionStorage.setItem(LIST, JSON.stringify({ address: window.location.pathname + window.location.search, rows: rows }));
    });
  }

  function forgetList() { window.sessionStorage.removeItem(LIST); }

  function prepareWalk(nav) {
    const list = JSON.parse(window.sessionStorage.getItem(LIST) || "null");
    const here = list ? list.rows.indexOf(window.location.pathname) : -1;
    if (here < 0) return;
    nav.hidden = false;
    nav.querySelector("[data-walk-back]").href = list.address;
    nav.querySelector("[data-walk-place]").textContent = here + 1 + " / " + list.rows.length;
    [["[data-walk-previous]", here - 1], ["[data-walk-next]", here + 1]].forEach(function (step) {
      const link = nav.querySelector(step[0]);
      link.hidden = !list.rows[step[1]];
      if (!link.hidden) link.href = list.rows[step[1]];
    });
  }

  function walkOn(selector) {
    const link = document.querySelector("[data-walk]:not([hidden]) " + selector + ":not([hidden])");
    if (link) link.click();
  }

  // Officers work by keyboard: "/" goes to the search box, j and k walk the rows of a list, or from person to person;
  // space ticks the row; a key that a button names goes to it, so that Enter presses it: nothing is done by one letter.
  function rowKeys(event) {
    if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
    const pressed = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
    if (pressed) { event.preventDefault(); pressed.focus(); return; }
    const box = event.key === " " && event.target.matches("[data-row]") && event.target.closest("tr, li")?.querySelector("[type=checkbox]");
    if (box) { event.preventDefault(); box.click(); return; }
    const step = { j: 1, k: -1 }[event.key];
    const rows = Array.from(document.querySelectorAll("[data-row]"));
    if (!step) return;
    if (!rows.length) { walkOn(step > 0 ? "[data-walk-next]" : "[data-walk-previous]"); return; }
    const here = rows.indexOf(document.activeElement);
    const next = rows[Math.min(rows.length - 1, Math.max(0, here + step))];
    if (next) next.focus();
  }

  // Signing out takes along what a steward's device keeps of the day (worker.js). Forms not sent yet stay for their author (queue.js).
  function prepareSignOut(form) {
    if (!window.caches) return;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      window.caches.delete("linli-day").finally(function () { form.submit(); });
    });
  }

  function prepare(scope) {
    scope.querySelectorAll("[data-read-aloud]").forEach(prepareReading);
    scope.querySelectorAll("[data-print]").forEach(preparePrinting);
    scope.querySelectorAll("[data-filter]").forEach(prepareFilter);
    scope.querySelectorAll("[data-list]").forEach(rememberList);
    scope.querySelectorAll("[data-walk]").forEach(prepareWalk);
    scope.querySelectorAll("[data-forget]").forEach(forgetList);
    scope.querySelectorAll("[data-forget-device]").forEach(prepareSignOut);
  }

  document.addEventListener("DOMContentLoaded", function () {
    prepare(document);
    document.addEventListener("keydown", rowKeys);
    const summary = document.querySelector(".error-summary");
    if (summary) summary.focus();
  });
})();
