// Forms marked data-queue are kept on the device first and sent at once, or when there is a network again; each is written once.
// What is kept: the form's fields, whose they are, and when they were filled in. Pages work without this file.
"use strict";

(function () {
  const RETRY = 20000, ONCE_BACK = [0, 1000, 4000];
  const bar = document.querySelector("[data-queue-place]");
  if (!bar || !window.indexedDB || !window.crypto) return;
  const place = bar.dataset.queuePlace, owner = bar.dataset.queueOwner;
  let signedOut = false;

  // The store: one object for each form, by an id that is also the act's key on the server.
  const opened = new Promise(function (resolve, reject) {
    const request = window.indexedDB.open("linli-queue", 1);
    request.onupgradeneeded = function () { request.result.createObjectStore("forms", { keyPath: "id" }); };
    request.onsuccess = function () { resolve(request.result); };
    request.onerror = function () { reject(request.error); };
  });

  async function store(mode, act) {
    const database = await opened;
    return new Promise(function (resolve, reject) {
      const transaction = database.transaction("forms", mode, { durability: "strict" });
      const request = act(transaction.objectStore("forms"));
      transaction.oncomplete = function () { resolve(request.result); };
      transaction.onabort = transaction.onerror = function () { reject(transaction.error); };
    });
  }

  const put = function (form) { return store("readwrite", function (forms) { return forms.put(form); }); };
  const drop = function (id) { return store("readwrite", function (forms) { return forms.delete(id); }); };
  async function all() {
    const forms = await store("readonly", function (kept) { return kept.getAll(); });
    return forms.sort(function (one, other) { return one.order - other.order; });
  }
  const mine = function (forms) { return forms.filter(function (form) { return form.owner === owner; }); };

  function newId() {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const text = Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
    return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
  }

  // Sending: one tab at a time where the browser can say so; the server makes it once in any case.
  function alone(act) {
    return window.navigator.locks ? window.navigator.locks.request("linli-queue", act) : act();
  }

  async function ready() {
    const response = await window.fetch(place, { cache: "no-store", headers: { Accept: "application/json" } });
    const answer = response.headers.get("Content-Type") === "application/json" ? await response.json() : {};
    signedOut = response.status === 401;
    return answer.state === "ready" && answer.owner === owner ? answer.token : null;
  }

  async function send(form, token) {
    const response = await window.fetch(form.action, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams(form.fields),
      headers: {
        "Accept": "application/json",
        "X-CSRFToken": token,
        "X-Linli-Owner": form.owner,
        "X-Linli-Filled-In": String(form.at),
        "X-Linli-Sent": String(Date.now()),
      },
    });
    const told = response.headers.get("Content-Type") === "application/json" ? await response.json() : { state: "later" };
    if (told.state === "done") await drop(form.id);
    if (told.state === "refused") await put(Object.assign({}, form, { state: "refused", words: told.words, remedy: told.remedy }));
    if (told.state === "signed_out") signedOut = true;
    return told;
  }

  // Send what waits, oldest first; the answers by id. A lost answer leaves the form where it is, to be sent again under the same key.
  function sync() {
    return alone(async function () {
      const answers = {};
      const waiting = mine(await all()).filter(function (form) { return form.state === "waiting"; });
      if (!waiting.length) return answers;
      try {
        const token = await ready();
        for (const form of token ? waiting : []) {
          answers[form.id] = await send(form, token);
          await show();
          if (["signed_out", "other_owner"].includes(answers[form.id].state)) break;
        }
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // what fetch throws without a network
      }
      return answers;
    });
  }

  // What the page says of it.
  function say(name, number) {
    const line = bar.querySelector('[data-queue-says="' + name + '"]');
    const count = line.querySelector("[data-queue-number]");
    line.hidden = !number;
    if (count) count.textContent = number;
  }

  async function show() {
    const forms = await all(), own = mine(forms);
    const waiting = own.filter(function (form) { return form.state === "waiting"; });
    say("offline", window.navigator.onLine ? 0 : 1);
    say("waiting", waiting.length);
    say("refused", own.length - waiting.length);
    say("signed_out", signedOut && waiting.length);
    say("others", forms.length - own.length);
    document.querySelectorAll("[data-queue-about]").forEach(function (row) {
      const kept = waiting.some(function (form) { return form.about === row.dataset.queueAbout; });
      row.querySelector("[data-queue-mark]").hidden = !kept;
    });
    showList(own);
  }

  function fill(scope, name, text) { scope.querySelector("[data-queue-" + name + "]").textContent = text; }

  function showList(own) {
    const list = document.querySelector("[data-queue-list]");
    if (!list) return;
    list.replaceChildren(...own.map(function (form) {
      const item = document.querySelector("[data-queue-item]").content.cloneNode(true);
      const refused = form.state === "refused", link = item.querySelector("[data-queue-open]"), gone = item.querySelector("[data-queue-drop]");
      fill(item, "title", form.title);
      fill(item, "did", form.did);
      fill(item, "at", new Date(form.at).toLocaleString(document.documentElement.lang));
      item.querySelector("[data-queue-why]").hidden = link.hidden = gone.hidden = !refused;
      link.href = form.page || form.action;
      if (refused) { fill(item, "words", form.words); fill(item, "remedy", form.remedy); }
      gone.addEventListener("click", async function () { await drop(form.id); await show(); });
      return item;
    }));
    list.hidden = !own.length;
    document.querySelector("[data-queue-plain]").hidden = true;
    document.querySelector("[data-queue-none]").hidden = own.length > 0;
    document.querySelector("[data-queue-send]").hidden = !own.some(function (form) { return form.state === "waiting"; });
  }

  // Keeping a form.
  function lacks(form, button) {
    const needed = button && button.dataset.queueNeeds && form.elements[button.dataset.queueNeeds];
    if (!needed || needed.value.trim()) return false;
    answer(form, button.dataset.queueNeedsWords, "");
    needed.focus();
    return true;
  }

  function answer(form, words, remedy) {
    const box = form.querySelector("[data-queue-answer]");
    fill(box, "words", words);
    fill(box, "remedy", remedy);
    box.hidden = false;
    box.scrollIntoView({ block: "center" });
  }

  async function keep(form, button) {
    const id = newId(), data = new FormData(form);
    data.delete("csrfmiddlewaretoken");
    data.set("key", id);
    if (button && button.name) data.set(button.name, button.value);
    const kept = mine(await all());
    await put({
      id: id,
      owner: owner,
      state: "waiting",
      action: form.action,
      page: form.dataset.queuePage || form.action,
      fields: Array.from(data.entries()),
      title: form.dataset.queueTitle || form.elements[form.dataset.queueTitled].selectedOptions[0].textContent,
      did: button ? button.textContent.trim() : "",
      about: form.dataset.queueFor,
      at: Date.now(),
      order: kept.reduce(function (most, one) { return Math.max(most, one.order); }, 0) + 1,
    });
    return id;
  }

  // A browser that keeps nothing sends the form as it would have without this file.
  function sendPlain(form, button) {
    const pressed = document.createElement("input");
    Object.assign(pressed, { type: "hidden", name: button.name, value: button.value });
    form.append(pressed);
    form.submit();
  }

  async function submitted(event) {
    const form = event.target, button = event.submitter;
    event.preventDefault();
    if (form.dataset.queueBusy || lacks(form, button)) return;
    form.dataset.queueBusy = "1";
    const id = await keep(form, button).catch(function () { return null; });
    if (!id) { sendPlain(form, button); return; }
    try {
      const told = (await sync())[id] || {};
      if (told.state === "refused") {
        await drop(id);
        answer(form, told.words, told.remedy);
      } else {
        window.location.assign(told.address || form.dataset.queueThen);
      }
    } finally {
      delete form.dataset.queueBusy;
      await show();
    }
  }

  // A page that the worker gave from what it keeps says so: it was kept before this visit, or a newer one is kept by now.
  async function sayKept() {
    const kept = await window.caches?.match(window.location.href.split("#")[0]);
    if (!kept || document.querySelector("[data-queue-list]")) return;
    const before = Number(kept.headers.get("X-Linli-Kept-At")) < performance.timeOrigin;
    say("kept", before || !(await kept.text()).includes(bar.querySelector("[data-queue-made]").dateTime));
  }

  // Pages of the day: the worker keeps what the server marked for it; a day's doors are fetched once, quietly.
  async function keepPages() {
    const workers = window.navigator.serviceWorker;
    if (!workers || !window.caches) return;
    await workers.register(bar.dataset.queueWorker, { scope: bar.dataset.queueScope });
    await workers.ready;
    if (!workers.controller) await new Promise(function (resolve) { workers.addEventListener("controllerchange", resolve, { once: true }); });
    const addresses = function (which) { return Array.from(document.querySelectorAll(which), function (one) { return one.href || one.src; }); };
    const parts = addresses("link[rel=stylesheet], link[rel=icon], script[src], img[src]");
    const pages = [...bar.dataset.queuePages.split(" "), ...addresses('a[data-queue-keep], [data-queue-says="waiting"] a')];
    for (const address of [...parts, ...pages]) if (!(await window.caches.match(address))) await window.fetch(address);
    document.documentElement.dataset.queueKept = "1";
  }

  async function turn() {
    await show();
    const answers = Object.values(await sync());
    await show();
    if (answers.some(function (told) { return told.state === "done"; }) && document.querySelector("[data-queue-refresh]")) window.location.reload();
  }

  document.querySelectorAll("form[data-queue]").forEach(function (form) { form.addEventListener("submit", submitted); });
  document.querySelectorAll("[data-queue-send]").forEach(function (button) { button.addEventListener("click", turn); });
  // A device says that it is online before the network carries anything.
  window.addEventListener("online", function () { ONCE_BACK.forEach(function (wait) { window.setTimeout(turn, wait); }); });
  window.addEventListener("offline", show);
  window.addEventListener("pageshow", function (event) { if (event.persisted) turn(); });
  window.setInterval(turn, RETRY);
  turn();
  sayKept();
  // Without a network, or where the reader has gone on already, nothing is kept; the next page tries again.
  keepPages().catch(function (error) { if (!(error instanceof TypeError) && error.name !== "AbortError") throw error; });
})();
