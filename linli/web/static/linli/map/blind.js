// 盲区: streets that miss several kinds are thick and whole, those that miss one or two thin and broken; circles are dotted outlines.
"use strict";

(function () {
  document.addEventListener("DOMContentLoaded", function () {
    const element = document.querySelector("[data-map]"), source = document.getElementById("drawn");
    if (!element || !source || !window.linliMap) return;
    element.hidden = false;
    const drawn = JSON.parse(source.textContent), view = window.linliMap(element);
    let bounds = null;
    drawn.circles.forEach(function (edge) {
      const layer = view.lines({ type: "Feature", geometry: edge }, { colour: view.colour("ink"), weight: 2, dash: "2 5", fill: view.colour("map-near"), fillOpacity: 0.06 });
      bounds = bounds ? bounds.extend(layer.getBounds()) : layer.getBounds();
    });
    [["few", "sun", 4, "8 6"], ["many", "ember", 6, null]].forEach(function (one) {
      const lines = { type: "Feature", geometry: { type: "MultiLineString", coordinates: drawn[one[0]] } };
      if (drawn[one[0]].length) view.lines(lines, { colour: view.colour(one[1]), weight: one[2], dash: one[3] });
    });
    if (bounds && bounds.isValid()) view.map.fitBounds(bounds, { padding: [8, 8] });
  });
})();
