// 一刻钟能走到哪里: a tap on the map, or the form, is answered without a new page; the table and the map show the same answer.
"use strict";

(function () {
  function popup(view, one, report) {
    const box = document.createElement("div");
    [one.name, one.what, one.walk, one.state].forEach(function (text, place) {
      if (!text) return;
      const line = document.createElement("p");
      line.textContent = text;
      if (!place) { line.className = "strong"; }
      box.append(line);
    });
    if (one.report) {
      const link = document.createElement("a");
      link.href = one.report;
      link.textContent = report;
      box.append(link);
    }
    return box;
  }

  // Full, hollow or ringed: what is open, what isn't, what is too far. Colour is never all there is; the key beside the map says the same.
  function looks(view, kind) {
    if (kind === "open") return { colour: view.colour("good") };
    if (kind === "closed") return { colour: view.colour("surface"), edge: view.colour("not"), line: 3 };
    return { colour: view.colour("ember"), edge: view.colour("ink"), line: 4 };
  }

  function show(view) {
    const source = document.getElementById("drawn");
    view.clear();
    if (!source) return;
    const drawn = JSON.parse(source.textContent), elder = document.documentElement.dataset.edition === "elder";
    const inks = { 5: "map-near", 10: "map-middle", 15: "map-far" };
    let all = null;
    drawn.streets.forEach(function (band) {
      const lines = { type: "Feature", geometry: { type: "MultiLineString", coordinates: band.lines } };
      const layer = view.lines(lines, { colour: view.colour(inks[band.minutes]), weight: 7, opacity: 0.75 });
      if (!all) all = layer;
    });
    drawn.places.forEach(function (one) {
      const style = { radius: elder ? 12 : 8, ...looks(view, one.kind) };
      view.dot(one.at[0], one.at[1], style, function () { return popup(view, one, drawn.report); });
    });
    view.here(drawn.start[0], drawn.start[1]);
    const bounds = all && all.getBounds();
    if (bounds && bounds.isValid()) view.map.fitBounds(bounds, { padding: [8, 8] });
    else view.map.setView([drawn.start[1], drawn.start[0]], 16);
  }

  document.addEventListener("DOMContentLoaded", function () {
    const form = document.querySelector("[data-reach]"), answer = document.getElementById("answer");
    const says = document.querySelector("[data-reach-says]"), element = document.querySelector("[data-map]");
    if (!form || !window.fetch) return;
    const shown = document.querySelector("[data-reach-shown]"), field = form.elements;
    let view = null, turn = 0, tap = false;
    if (element && window.linliMap) {
      element.hidden = false;
      view = window.linliMap(element);
      view.tapped(function (lon, lat) {
        field.lon.value = lon.toFixed(5);
        field.lat.value = lat.toFixed(5);
        field.q.value = field.was.value = field.code.value = "";
        view.here(lon, lat);
        tap = true;
        form.requestSubmit();
      });
      show(view);
    }

    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      const mine = ++turn, sent = new FormData(form), pressed = event.submitter, tapped = tap;
      tap = false;
      if (pressed && pressed.name) sent.set(pressed.name, pressed.value);
      says.textContent = form.dataset.working;
      try {
        const sheet = await window.fetch(form.action, { method: "POST", body: new URLSearchParams(sent), headers: { "X-Linli-Part": "answer" } });
        if (!sheet.ok) throw new TypeError(String(sheet.status));
        const text = await sheet.text();
        if (mine !== turn) return;
        answer.innerHTML = text;
        const found = answer.querySelector("#found"), problem = answer.querySelector("[data-problem]"), first = answer.querySelector("h2");
        if (found) {
          field.lon.value = found.dataset.lon;
          field.lat.value = found.dataset.lat;
          field.q.value = field.was.value = found.dataset.text;
        }
        says.textContent = problem ? problem.textContent : found ? form.dataset.done : "";
        if (problem) problem.remove(); // said where the form is: on a phone the map lies between
        if (view) show(view);
        if (first && (!view || pressed)) { first.tabIndex = -1; first.focus({ preventScroll: true }); }
        if (!tapped) (found && view ? shown : first || says).scrollIntoView({ block: problem ? "nearest" : "start" });
      } catch (error) {
        if (mine === turn) says.textContent = form.dataset.failed;
        if (!(error instanceof TypeError)) throw error;
      }
    });
  });
})();
