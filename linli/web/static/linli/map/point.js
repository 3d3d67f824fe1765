// A place on a map: shown, or chosen by a tap where the form around it has fields for it. The address's own fragment says where to begin:
// it never leaves the browser. Without scripts the form asks for the place in words.
"use strict";

(function () {
  document.addEventListener("DOMContentLoaded", function () {
    const box = document.querySelector("[data-point]"), element = box && box.querySelector("[data-map]");
    if (!element || !window.linliMap) return;
    const form = box.closest("form"), lon = form && form.elements.lon, lat = form && form.elements.lat;
    element.hidden = false;
    const begun = window.location.hash.slice(1).split(",").map(Number);
    const known = lon && lon.value && lat.value ? [Number(lon.value), Number(lat.value)] : null;
    if (!element.dataset.view && begun.length === 2 && begun.every(Number.isFinite) && begun[0]) element.dataset.view = begun.join(" ") + " 17";
    if (known) element.dataset.view = known.join(" ") + " 17";
    const view = window.linliMap(element);
    if (!lon) {
      const told = (element.dataset.view || "").split(" ").map(Number);
      if (told.length > 1) view.here(told[0], told[1]);
      return;
    }
    if (known) view.here(known[0], known[1]);
    view.tapped(function (x, y) {
      lon.value = x.toFixed(6);
      lat.value = y.toFixed(6);
      view.here(x, y);
      box.querySelector("[role=status]").textContent = box.dataset.chosen;
    });
  });
})();
