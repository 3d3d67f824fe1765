// Where the device is, added to a form that is written down at somebody's door: asked for only when the button is pressed, and taken out
// again by the same button. Without scripts, or if it is refused, the form goes on without it.
"use strict";

(function () {
  function prepare(box) {
    const form = box.closest("form"), button = box.querySelector("button"), told = box.querySelector("[role=status]");
    const fields = ["lon", "lat", "accuracy"].map(function (name) { return form.elements[name]; });
    function put(values) { fields.forEach(function (field, place) { field.value = values[place]; }); }
    box.hidden = false;
    button.addEventListener("click", function () {
      if (fields[0].value) {
        put(["", "", ""]);
        button.textContent = box.dataset.add;
        told.textContent = box.dataset.removed;
        return;
      }
      told.textContent = box.dataset.asking;
      window.navigator.geolocation.getCurrentPosition(
        function (found) {
          put([found.coords.longitude.toFixed(7), found.coords.latitude.toFixed(7), String(Math.ceil(found.coords.accuracy))]);
          button.textContent = box.dataset.remove;
          told.textContent = box.dataset.found.replace("{metres}", String(Math.ceil(found.coords.accuracy)));
        },
        function () { told.textContent = box.dataset.refused; },
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 }
      );
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    if (window.navigator.geolocation && window.isSecureContext) document.querySelectorAll("[data-whereabouts]").forEach(prepare);
  });
})();
