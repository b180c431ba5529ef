/* Minutes go on while a page stays open. Without this file they are as old as the page; the hour beside them is not. */
"use strict";

(function () {
  function tell() {
    document.querySelectorAll("[data-since]").forEach(function (element) {
      const minutes = Math.floor((Date.now() - Date.parse(element.dataset.since)) / 60000);
      if (minutes >= 0) element.textContent = String(minutes);
    });
  }

  document.addEventListener("htmx:afterSettle", tell);
  window.setInterval(tell, 15000);
})();
