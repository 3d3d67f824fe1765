// Where the device is, asked for only when the button is pressed, and sent once. Without scripts, or if it is refused, the form above does.
"use strict";

(function () {
  function prepare(form) {
    const told = form.querySelector("[role=status]");
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      if (form.elements.lon.value) return;
      event.preventDefault();
      told.textContent = form.dataset.asking;
      window.navigator.geolocation.getCurrentPosition(
        function (found) {
          form.elements.lon.value = found.coords.longitude.toFixed(4);
          form.elements.lat.value = found.coords.latitude.toFixed(4);
          form.elements.item.value = document.getElementById("item").value;
          form.submit();
        },
        function () { told.textContent = form.dataset.refused; },
        { timeout: 15000, maximumAge: 60000 }
      );
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    if (window.navigator.geolocation && window.isSecureContext) document.querySelectorAll("[data-locate]").forEach(prepare);
  });
})();
