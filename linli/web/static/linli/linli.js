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

  // One box in the head of a list ticks all of its page; what is done with them is shown once more before it is done.
  function prepareTickAll(label) {
    const all = label.querySelector("input");
    const boxes = Array.from(label.closest("table").querySelectorAll("tbody [type=checkbox]"));
    label.hidden = boxes.length < 2;
    all.addEventListener("change", function () { boxes.forEach(function (box) { box.checked = all.checked; }); });
    boxes.forEach(function (box) {
      box.addEventListener("change", function () { all.checked = boxes.every(function (one) { return one.checked; }); });
    });
  }

  // A list that is left for one of its rows is remembered in this tab, so that the next row is one step away. Signing in forgets it.
  const LIST = "linli-list";

  function rememberList(table) {
    table.addEventListener("click", function (event) {
      if (!event.target.closest("[data-row]")) return;
      const rows = Array.from(table.querySelectorAll("[data-row]"), function (row) { return row.pathname + row.search; });
      window.sessionStorage.setItem(LIST, JSON.stringify({ address: window.location.pathname + window.location.search, rows: rows }));
    });
  }

  function forgetList() { window.sessionStorage.removeItem(LIST); }

  function prepareWalk(nav) {
    const list = JSON.parse(window.sessionStorage.getItem(LIST) || "null");
    const here = list ? list.rows.findIndex(function (row) { return row.split("?")[0] === window.location.pathname; }) : -1;
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
  // space ticks the row, "a" all of the page; a key that a button names goes to it, so that Enter presses it: nothing is done by one letter.
  // In a form marked data-numbered a digit chooses, and Ctrl with Enter presses its first button, wherever the cursor stands.
  function rowKeys(event) {
    const form = event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("form[data-numbered]");
    if (form) { event.preventDefault(); form.requestSubmit(form.querySelector("[type=submit]")); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=radio]), select, textarea")) return;
    const choice = /^[1-9]$/.test(event.key) && document.querySelectorAll("form[data-numbered] [type=radio]")[event.key - 1];
    if (choice) { event.preventDefault(); choice.focus(); choice.click(); return; }
    if (event.target.closest("input")) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
    const pressed = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
    if (pressed) { event.preventDefault(); pressed.focus(); return; }
    const box = event.key === " " && event.target.matches("[data-row]") && event.target.closest("tr, li")?.querySelector("[type=checkbox]");
    if (box) { event.preventDefault(); box.click(); return; }
    if (event.key === "a") document.querySelector("[data-tick-all]:not([hidden]) input")?.click();
    const step = { j: 1, k: -1 }[event.key];
    const rows = Array.from(document.querySelectorAll("[data-row]"));
    if (!step) return;
    if (!rows.length) { walkOn(step > 0 ? "[data-walk-next]" : "[data-walk-previous]"); return; }
    const here = rows.indexOf(document.activeElement);
    const next = rows[Math.min(rows.length - 1, Math.max(0, here + step))];
    if (next) next.focus();
  }

  // Signing out, and somebody signing in, takes along what a steward's device keeps of the day (worker.js), so that nobody reads what
  // another has left. Forms not sent yet stay for their author (queue.js). Who can't sign in for want of a network keeps the day.
  function prepareForgetting(form) {
    if (!window.caches) return;
    form.addEventListener("submit", function (event) {
      if ("forget" in form.dataset && !window.navigator.onLine) return;
      event.preventDefault();
      forgetDay().finally(function () { form.submit(); });
    });
  }

  // The worker forgets, so that a page still on its way to it isn't kept either; without a worker there is only what was kept.
  async function forgetDay() {
    const all = window.navigator.serviceWorker ? await window.navigator.serviceWorker.getRegistrations() : [];
    const workers = all.map(function (one) { return one.active; }).filter(Boolean);
    await Promise.race([Promise.all(workers.map(askToForget)), new Promise(function (resolve) { setTimeout(resolve, 2000); })]);
    await window.caches.delete("linli-day");
  }

  function askToForget(worker) {
    return new Promise(function (resolve) {
      const channel = new MessageChannel();
      channel.port1.onmessage = resolve;
      worker.postMessage("forget", [channel.port2]);
    });
  }

  function prepare(scope) {
    scope.querySelectorAll("[data-read-aloud]").forEach(prepareReading);
    scope.querySelectorAll("[data-print]").forEach(preparePrinting);
    scope.querySelectorAll("[data-filter]").forEach(prepareFilter);
    scope.querySelectorAll("[data-fold]").forEach(function (one) { one.open = one.open || window.matchMedia("(min-width: 40rem)").matches; });
    scope.querySelectorAll("[data-tick-all]").forEach(prepareTickAll);
    scope.querySelectorAll("[data-list]").forEach(rememberList);
    scope.querySelectorAll("[data-walk]").forEach(prepareWalk);
    scope.querySelectorAll("[data-forget]").forEach(forgetList);
    scope.querySelectorAll("[data-forget-device]").forEach(prepareForgetting);
  }

  document.addEventListener("DOMContentLoaded", function () {
    prepare(document);
    document.addEventListener("keydown", rowKeys);
    const summary = document.querySelector(".error-summary") || document.querySelector("[data-told]");
    if (summary) summary.focus();
  });
})();
