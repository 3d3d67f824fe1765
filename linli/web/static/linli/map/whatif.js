// 试算: a tap on the map fills in the form and sends it; the answer takes the place of the one before, in the table and on the map.
"use strict";

(function () {
  document.addEventListener("DOMContentLoaded", function () {
    const form = document.querySelector("[data-whatif]"), answer = document.getElementById("answer"), says = document.querySelector("[data-whatif-says]");
    if (!form || !window.fetch) return;
    const element = form.querySelector("[data-map]"), source = document.getElementById("scenery"), told = form.dataset, field = form.elements;
    let view = null, turn = 0, first = null;

    function kind() { return form.querySelector("[name=kind]:checked").value; }

    // Only the fields of the chosen kind are shown; the next step is said.
    function choose() {
      form.querySelectorAll("[data-for]").forEach(function (one) { one.hidden = !one.dataset.for.split(" ").includes(kind()); });
      first = null;
      if (view) says.textContent = { open: told.open, close: told.place, move: told.place, shut: told.gate, unshut: told.gate, bridge: told.first }[kind()];
    }

    function at(lon, lat) { return lon.toFixed(6) + "," + lat.toFixed(6); }

    function add() { form.requestSubmit(form.querySelector("[name=verb][value=add]")); }

    function tap(lon, lat) {
      const now = kind();
      if (now === "open") { field.where.value = at(lon, lat); add(); }
      if (now === "move" && field.place.value) { field.where.value = at(lon, lat); add(); }
      if (now === "bridge") {
        if (!first) { first = at(lon, lat); view.here(lon, lat); says.textContent = told.second; return; }
        field.where.value = first;
        field.other.value = at(lon, lat);
        add();
      }
    }

    function pick(one, what) {
      const now = kind();
      if (what === "place" && now === "close") { field.place.value = one.key; add(); return; }
      if (what === "place" && now === "move") { field.place.value = one.key; view.here(one.at[0], one.at[1]); says.textContent = told.target; return; }
      if (what === "gate" && (now === "shut" || now === "unshut")) { field.gate.value = one.key; add(); return; }
      tap(one.at[0], one.at[1]);
    }

    function paint() {
      if (!view) return;
      const scenery = JSON.parse(source.textContent), text = document.getElementById("drawn");
      const drawn = text ? JSON.parse(text.textContent) : { edits: [], homes: [] };
      const large = document.documentElement.dataset.edition === "elder" ? 4 : 0;
      view.clear();
      drawn.homes.forEach(function (one) {
        const same = one.was === one.covered, ink = view.colour(one.covered ? "good" : "ember");
        view.dot(one.at[0], one.at[1], { colour: ink, edge: same ? ink : view.colour("ink"), radius: (same ? 3 : 7) + large });
      });
      scenery.gates.forEach(function (one) {
        view.dot(one.at[0], one.at[1], { colour: view.colour("surface"), edge: view.colour("ink"), radius: 5 + large }).bindTooltip(one.name).on("click", function () { pick(one, "gate"); });
      });
      scenery.places.forEach(function (one) {
        view.dot(one.at[0], one.at[1], { colour: view.colour("sun"), edge: view.colour("ink"), radius: 6 + large }).bindTooltip(one.name + " · " + one.what).on("click", function () { pick(one, "place"); });
      });
      drawn.edits.forEach(function (one) {
        if (one.to) view.lines({ type: "LineString", coordinates: [one.at, one.to] }, { colour: view.colour("brand-deep"), weight: 6 });
        if (one.from) view.lines({ type: "LineString", coordinates: [one.from, one.at] }, { colour: view.colour("ink"), weight: 2, dash: "4 6" });
        const gone = one.kind === "close" || one.kind === "shut";
        view.dot(one.at[0], one.at[1], { colour: view.colour(gone ? "bad" : "brand"), edge: view.colour("ink"), radius: 9 + large }).bindTooltip(one.name);
      });
    }

    if (element && window.linliMap) {
      element.hidden = false;
      view = window.linliMap(element);
      const box = JSON.parse(source.textContent).view;
      if (box.length) view.map.fitBounds(box, { padding: [24, 24], maxZoom: 17 });
      view.tapped(tap);
    }
    form.querySelectorAll("[name=kind]").forEach(function (one) { one.addEventListener("change", choose); });
    choose();
    paint();

    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      const mine = ++turn, sent = new FormData(form), pressed = event.submitter;
      if (pressed && pressed.name) sent.set(pressed.name, pressed.value);
      says.textContent = told.working;
      try {
        const found = await window.fetch(form.action, { method: "POST", body: new URLSearchParams(sent), headers: { "X-Linli-Part": "answer" }, redirect: "error" });
        if (!found.ok && found.status !== 400) throw new TypeError(String(found.status));
        const text = await found.text();
        if (mine !== turn) return;
        answer.innerHTML = text;
        choose();
        says.textContent = told.done + (view ? " " + says.textContent : "");
        if (pressed && pressed.value !== "add") answer.querySelector("h2, button") && answer.setAttribute("tabindex", "-1");
        paint();
      } catch (problem) {
        if (mine === turn) says.textContent = told.failed;
      }
    });
  });
})();
