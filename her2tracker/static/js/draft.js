/* Puts what somebody had typed back into its form after they were signed out and in again.
   Without this file it stands in the notice, to be typed once more. */
"use strict";

(function () {
  const PAGES_OWN = ["csrfmiddlewaretoken", "revision", "next"]; /* as the page has them now */

  function controls(form) {
    return Array.from(form.elements).filter(function (one) { return one.name && !PAGES_OWN.includes(one.name); });
  }

  function isTyped(one) {
    return !/^(hidden|file|password|submit|button)$/.test(one.type);
  }

  function valuesOf(draft, name) {
    return draft.fields.filter(function (pair) { return pair[0] === name; }).map(function (pair) { return pair[1]; });
  }

  /* Of many forms with one address, the one whose unseen fields name the same patient, infusion or task. */
  function formOf(draft) {
    return Array.from(document.querySelectorAll("form")).find(function (form) {
      return form.method === "post" && new URL(form.action, location.href).pathname === draft.action
        && controls(form).filter(function (one) { return one.type === "hidden"; })
          .every(function (one) { return valuesOf(draft, one.name).includes(one.value); });
    });
  }

  function fill(form, draft) {
    const taken = new Map();
    controls(form).filter(isTyped).forEach(function (one) {
      const values = valuesOf(draft, one.name);
      if (one.type === "checkbox" || one.type === "radio") one.checked = values.includes(one.value);
      else if (one.multiple) Array.from(one.options).forEach(function (option) { option.selected = values.includes(option.value); });
      else {
        const at = taken.get(one.name) || 0;
        taken.set(one.name, at + 1);
        if (at < values.length) one.value = values[at];
      }
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    const holder = document.querySelector("[data-draft]");
    const draft = JSON.parse(holder.dataset.draft);
    const form = formOf(draft);
    if (!form) {
      holder.querySelector("details").open = true;
      return;
    }
    for (let around = form.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    fill(form, draft);
    form.dispatchEvent(new Event("change", { bubbles: true })); /* what is looked at while typing, is again */
    form.scrollIntoView({ block: "nearest" });
  });
})();
