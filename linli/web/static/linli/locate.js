// Where the device is, asked for only when the button is pressed, and sent once. Without scripts, or if it is refused, the form above does.
"use strict";

(function () {
  function prepare(box) {
    const form = box.closest("form"), button = box.querySelector("button"), told = box.querySelector("[role=status]");
    box.hidden = false;
    button.addEventListener("click", function (event) {
      event.preventDefault();
      told.textContent = box.dataset.asking;
      window.navigator.geolocation.getCurrentPosition(
        function (found) {
          form.elements.lon.value = found.coords.longitude.toFixed(4);
          form.elements.lat.value = found.coords.latitude.toFixed(4);
          const item = form.elements.namedItem("item"); // elements.item is a method
          if (item) item.value = document.getElementById("item").value;
          if (form.elements.q) form.elements.q.value = form.elements.was.value = "";
          told.textContent = "";
          form.requestSubmit();
        },
        function () { told.textContent = box.dataset.refused; },
        { timeout: 15000, maximumAge: 60000 }
      );
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    if (window.navigator.geolocation && window.isSecureContext) document.querySelectorAll("[data-locate]").forEach(prepare);
  });
})();
