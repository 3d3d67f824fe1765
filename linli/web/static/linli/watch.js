// A part of a page that changes while somebody waits: it is asked for again, what is new is told politely in words, and whoever is in it
// stays where they are. Without this file the link “see how far it is” does the same by hand.
"use strict";

(function () {
  const told = document.querySelector("[data-watch-told]");
  let part = document.querySelector("[data-watch]");
  if (!part || !told) return;
  let said = part.dataset.said;

  function say(words) {
    const text = (words || "").replace(/\s+/g, " ").trim();
    if (!text || text === said) return;
    said = text;
    told.textContent = text;
  }

  function named(one) {
    return one.id || one.getAttribute("href") || one.textContent.trim();
  }

  // What held the focus, in the new text; the part itself where it is gone.
  function keep(held) {
    if (!held) return;
    const same = Array.from(part.querySelectorAll(held.tagName)).find(function (one) { return named(one) === named(held); });
    if (!same) part.tabIndex = -1;
    (same || part).focus({ preventScroll: true });
  }

  function change(next) {
    const held = part.contains(document.activeElement) ? document.activeElement : null;
    part.replaceWith(next);
    part = next;
    keep(held);
  }

  // The address shows another page by now: its result is a link away, and nobody is taken there unasked.
  function end(page, address) {
    const next = part.cloneNode(false);
    const row = document.createElement("p");
    const words = document.createElement("span");
    const link = document.createElement("a");
    words.className = "strong";
    words.textContent = (page.querySelector("[data-told]") || page.querySelector("main h1") || page.body).textContent.trim().slice(0, 200);
    link.className = "button";
    link.href = address;
    link.textContent = part.dataset.watchEnd;
    row.className = "row";
    row.append(words, link);
    next.append(row);
    change(next);
    say(`${words.textContent} ${link.textContent}`);
  }

  async function look() {
    const answer = await fetch(window.location.href, { credentials: "same-origin" });
    if (!answer.ok) return true;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (!fresh) { end(page, answer.url); return false; }
    change(document.importNode(fresh, true));
    say(part.dataset.said);
    return "watch" in part.dataset;
  }

  function wait() {
    window.setTimeout(function () {
      if (document.hidden) { wait(); return; }
      look().catch(function () { return true; }).then(function (more) { if (more) wait(); });
    }, Number(part.dataset.watch) * 1000);
  }

  wait();
})();
