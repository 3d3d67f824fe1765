// Reading without a network: pages that the server marks for it are kept for a day, with the files they are made of. Nothing else is.
"use strict";

const PAGES = "linli-day", PARTS = "linli-parts";
const DAY = 24 * 60 * 60 * 1000, PATIENCE = 6000, MOST = 60;
const KEEP = "X-Linli-Keep", KEPT_AT = "X-Linli-Kept-At";
let forgotten = 0, closed = false; // how often the day was forgotten; nothing is kept from then until a page is opened anew
const NOTHING = new URL("offline/", self.registration.scope).href;

self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(PARTS).then(function (parts) { return parts.add(NOTHING); }).then(function () { return self.skipWaiting(); }));
});

self.addEventListener("activate", function (event) { event.waitUntil(forgetOld().then(function () { return self.clients.claim(); })); });

self.addEventListener("fetch", function (event) {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.startsWith("/static/")) event.respondWith(part(event.request));
  else if (event.request.mode === "navigate" || address.href.startsWith(self.registration.scope)) event.respondWith(page(event));
});

// Signing out: the day goes, and what is still on its way is not kept.
self.addEventListener("message", function (event) {
  if (event.data !== "forget") return;
  forgotten += 1;
  closed = true;
  event.waitUntil(caches.delete(PAGES).then(function () { event.ports[0].postMessage("forgotten"); }));
});

// A file's address changes with its content: what is kept is right, and an older one of the same name is not needed any more.
async function part(request) {
  const parts = await caches.open(PARTS);
  const kept = await parts.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) {
    await parts.delete(request, { ignoreSearch: true });
    await parts.put(request, response.clone());
  }
  return response;
}

// The network first, as long as it answers in time; else what was kept today.
async function page(event) {
  const asked = forgotten;
  if (event.request.mode === "navigate") closed = false;
  const fetched = fetch(event.request).then(function (response) { return keep(event.request, response, asked); });
  event.waitUntil(fetched.catch(function () {}));
  const kept = await fresh(event.request);
  try {
    return await (kept ? Promise.race([fetched, late()]) : fetched);
  } catch (error) {
    if (kept) return kept;
    if (event.request.mode !== "navigate") throw error;
    return caches.match(NOTHING);
  }
}

function late() {
  return new Promise(function (resolve, reject) { setTimeout(reject, PATIENCE, new TypeError("no answer in time")); });
}

// Pages of one person at a time: when somebody else signs in, those of the one before go. The MOST newest stay.
async function keep(request, response, asked) {
  const owner = response.headers.get(KEEP);
  if (!response.ok || response.redirected || !owner) return response;
  const pages = await caches.open(PAGES);
  for (const each of await pages.keys()) {
    const other = await pages.match(each);
    if (other && other.headers.get(KEEP) !== owner) await pages.delete(each);
  }
  const headers = new Headers(response.headers);
  headers.set(KEPT_AT, String(Date.now()));
  const body = await response.clone().blob();
  if (closed || asked !== forgotten) return response;
  await pages.put(request.url, new Response(body, { headers: headers }));
  for (const old of (await pages.keys()).slice(0, -MOST)) await pages.delete(old);
  return response;
}

async function fresh(request) {
  await forgetOld();
  const pages = await caches.open(PAGES);
  return pages.match(request.url, { ignoreVary: true });
}

async function forgetOld() {
  const pages = await caches.open(PAGES);
  for (const each of await pages.keys()) {
    const kept = await pages.match(each);
    const age = Date.now() - Number(kept && kept.headers.get(KEPT_AT));
    if (!(age >= 0 && age < DAY)) await pages.delete(each);
  }
}
