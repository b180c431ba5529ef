/* A scanner types like a keyboard. Without this file its field still works: it is a form that Enter sends. */
"use strict";

(function () {
  const SEPARATOR = "\u001d";

  /* The separator inside a GS1 code arrives as Ctrl + ]; a text field would drop it. */
  document.addEventListener("keydown", function (event) {
    const field = event.target instanceof Element && event.target.closest("[data-scan]");
    if (!field) return;
    const isSeparator = event.key === SEPARATOR || (event.ctrlKey && (event.key === "]" || event.code === "BracketRight"));
    if (!isSeparator) return;
    event.preventDefault();
    field.setRangeText(SEPARATOR, field.selectionStart, field.selectionEnd, "end");
  });

  /* A bag's code fills lot, expiry and a known product of its drug; what is filled can be seen and changed. */
  function fill(answer) {
    const agent = answer.dataset.fill;
    for (const name of ["lot", "expires_on", "product"]) {
      const value = answer.getAttribute("data-fill-" + name);
      const field = document.getElementById("id_" + agent + "-" + name);
      if (!value || !field) continue;
      field.value = value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.target.id !== "scan-answer") return;
    event.target.querySelectorAll("[data-fill]").forEach(fill);
    const field = document.querySelector("[data-scan]");
    if (field) {
      field.value = "";
      field.focus({ preventScroll: true });
      event.target.closest("section").scrollIntoView({ block: "center" });
    }
  });
})();
