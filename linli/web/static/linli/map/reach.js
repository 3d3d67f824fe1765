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

  function show(view) {
    const source = document.getElementById("drawn");
    view.clear();
    if (!source) return;
    const drawn = JSON.parse(source.textContent), elder = document.documentElement.dataset.edition === "elder";
    const inks = { 5: "map-near", 10: "map-middle", 15: "map-far" }, fills = { open: "good", closed: "not", beyond: "ember" };
    let all = null;
    drawn.streets.forEach(function (band) {
      const lines = { type: "Feature", geometry: { type: "MultiLineString", coordinates: band.lines } };
      const layer = view.lines(lines, { colour: view.colour(inks[band.minutes]), weight: 7, opacity: 0.75 });
      if (!all) all = layer;
    });
    drawn.places.forEach(function (one) {
      const style = { colour: view.colour(fills[one.kind]), radius: elder ? 12 : 8 };
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
    let view = null, turn = 0;
    if (element && window.linliMap) {
      element.hidden = false;
      view = window.linliMap(element);
      view.tapped(function (lon, lat) {
        form.elements.lon.value = lon.toFixed(5);
        form.elements.lat.value = lat.toFixed(5);
        form.elements.q.value = form.elements.was.value = form.elements.code.value = "";
        view.here(lon, lat);
        form.requestSubmit();
      });
      show(view);
    }

    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      const mine = ++turn, sent = new FormData(form), pressed = event.submitter;
      if (pressed && pressed.name) sent.set(pressed.name, pressed.value);
      says.textContent = form.dataset.working;
      try {
        const found = await window.fetch(form.action, { method: "POST", body: new URLSearchParams(sent), headers: { "X-Linli-Part": "answer" } });
        if (!found.ok) throw new TypeError(String(found.status));
        const text = await found.text();
        if (mine !== turn) return;
        answer.innerHTML = text;
        const part = answer.firstElementChild;
        ["lon", "lat", "text"].forEach(function (name) {
          if (part && part.dataset[name] !== undefined) form.elements[name === "text" ? "was" : name].value = part.dataset[name];
        });
        says.textContent = document.getElementById("drawn") ? form.dataset.done : "";
        if (view) show(view);
        const first = answer.querySelector("h2");
        if (first && (!view || (pressed && pressed !== null))) { first.tabIndex = -1; first.focus({ preventScroll: Boolean(view) }); }
      } catch (error) {
        if (mine === turn) says.textContent = form.dataset.failed;
        if (!(error instanceof TypeError)) throw error;
      }
    });
  });
})();
