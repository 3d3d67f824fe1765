// Where a place stands: shown, tapped or dragged to on the map, into the form's own fields. What the map says is WGS-84, and the form says so.
"use strict";

(function () {
  document.addEventListener("DOMContentLoaded", function () {
    const box = document.querySelector("[data-spot]"), element = box && box.querySelector("[data-map]");
    if (!element || !window.linliMap) return;
    const form = document.getElementById(box.dataset.spot), L = window.L;
    const lon = form.elements.lon, lat = form.elements.lat, system = form.elements.system;
    element.hidden = false;
    const view = window.linliMap(element);
    const sign = document.createElement("span");
    sign.className = "map-here-sign";
    const icon = L.divIcon({ className: "map-here", html: sign, iconSize: [28, 28], iconAnchor: [14, 14] });
    let marker = null;

    function told(x, y) {
      lon.value = x.toFixed(7);
      lat.value = y.toFixed(7);
      system.value = "WGS-84";
      box.querySelector("[role=status]").textContent = box.dataset.chosen;
    }

    function stand(x, y) {
      if (marker) { marker.setLatLng([y, x]); return; }
      marker = L.marker([y, x], { draggable: true, keyboard: false, icon: icon, zIndexOffset: 1000 }).addTo(view.map);
      marker.on("dragend", function () { const at = marker.getLatLng(); told(at.lng, at.lat); });
    }

    const there = (element.dataset.view || "").split(" ").map(Number);
    if (box.dataset.there && there.length > 1) stand(there[0], there[1]);
    view.tapped(function (x, y) { stand(x, y); told(x, y); });
  });
})();
