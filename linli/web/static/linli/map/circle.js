// A circle's map: homes that reach something and homes that don't, the places that would do, and where the circle ends; each to be hidden.
"use strict";

(function () {
  function words(lines) {
    return function () {
      const box = document.createElement("div");
      lines.filter(Boolean).forEach(function (text, place) {
        const line = document.createElement("p");
        line.textContent = text;
        if (!place) line.className = "strong";
        box.append(line);
      });
      return box;
    };
  }

  document.addEventListener("DOMContentLoaded", function () {
    const box = document.querySelector("[data-layers]"), source = document.getElementById("layers");
    const element = box && box.querySelector("[data-map]");
    if (!element || !source || !window.linliMap) return;
    element.hidden = false;
    const drawn = JSON.parse(source.textContent), view = window.linliMap(element), ticked = {};
    const large = document.documentElement.dataset.edition === "elder" ? 4 : 0;

    function paint() {
      view.clear();
      if (ticked.bounds) {
        if (drawn.polygon) view.lines({ type: "Feature", geometry: drawn.polygon }, { colour: view.colour("map-far"), weight: 3, fill: view.colour("map-far"), fillOpacity: 0.08 });
        if (drawn.walked.length) view.lines({ type: "Feature", geometry: { type: "MultiLineString", coordinates: drawn.walked } }, { colour: view.colour("map-far"), weight: 7, opacity: 0.6 });
      }
      drawn.homes.forEach(function (one) {
        if (!ticked[one.covered ? "covered" : "missed"]) return;
        const style = { colour: view.colour(one.covered ? "good" : "ember"), radius: 4 + 2 * one.size + large, edge: view.colour(one.covered ? "surface" : "ink") };
        view.dot(one.at[0], one.at[1], style, words([one.name, one.people, one.walk]));
      });
      if (ticked.places) drawn.places.forEach(function (one) {
        view.dot(one.at[0], one.at[1], { colour: view.colour("sun"), edge: view.colour("ink"), radius: 7 + large }, words([one.name, one.what, one.hours]));
      });
      if (ticked.chosen) (drawn.chosen || []).forEach(function (one) {
        view.dot(one.at[0], one.at[1], { colour: view.colour("ember"), edge: view.colour("ink"), radius: 10 + large }, words([one.name, one.what, one.hours]));
      });
    }

    box.querySelectorAll("[data-layer]").forEach(function (tick) {
      ticked[tick.dataset.layer] = tick.checked;
      tick.addEventListener("change", function () { ticked[tick.dataset.layer] = tick.checked; paint(); });
    });
    if (drawn.view.length) view.map.fitBounds(drawn.view, { padding: [24, 24], maxZoom: 16 });
    paint();
  });
})();
