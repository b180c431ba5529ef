/* Small conveniences. Every page works without this file; nothing here holds clinical logic. */
"use strict";

(function () {
  const root = document.documentElement;
  root.classList.add("js");

  function isTyping(element) {
    return element instanceof HTMLElement && (element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName));
  }

  /* "/" goes to patient search from anywhere but a field. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const search = document.querySelector("[data-search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  /* Escape and a press elsewhere close an open menu; focus returns to what opened it. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    });
  });

  document.addEventListener("click", function (event) {
    if (!(event.target instanceof Element)) return;
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
    if (event.target.closest("[data-print]")) window.print();
  });

  document.addEventListener("change", function (event) {
    const field = event.target instanceof Element && event.target.closest("[data-autosubmit]");
    if (field && field.form && field.value !== "") field.form.requestSubmit();
  });

  /* Where answers are looked at while they are given, a corrected answer no longer stands accused. */
  document.addEventListener("change", function (event) {
    const field = event.target instanceof Element && event.target.closest("[hx-post] .field-invalid");
    if (!field) return;
    field.classList.remove("field-invalid");
    event.target.removeAttribute("aria-invalid");
    field.querySelectorAll(".error").forEach(function (error) {
      error.replaceChildren();
      error.hidden = true;
    });
  });

  /* What is folded on screen is wanted on paper. */
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details.more:not([open]):not([data-no-print])").forEach(function (details) {
      details.open = true;
      details.dataset.openedForPrint = "";
    });
  });

  window.addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-opened-for-print]").forEach(function (details) {
      details.open = false;
      delete details.dataset.openedForPrint;
    });
  });

  function focusErrors(container) {
    const summary = container.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  }

  /* The summary's links go to the field itself, not only near it. */
  document.addEventListener("click", function (event) {
    const link = event.target instanceof Element && event.target.closest("[data-error-summary] a[href^='#']");
    if (!link) return;
    const field = document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const control = isTyping(field) ? field : field.querySelector("input, select, textarea");
    (control || field).focus();
  });

  /* A part that could not be fetched says so; a silent failure looks like success. */
  function say(sentence) {
    const live = document.querySelector("[data-live]");
    if (!live) return;
    const notice = document.createElement("div");
    const words = document.createElement("p");
    notice.className = "notice notice-hold";
    words.textContent = sentence;
    notice.append(words);
    live.replaceChildren(notice);
  }

  /* A page that looks again by itself must not keep a session alive that nobody sits at. */
  document.addEventListener("htmx:configRequest", function (event) {
    if (!event.detail.triggeringEvent) event.detail.headers["X-Poll"] = "1";
  });

  function isTyped() {
    return Array.from(document.querySelectorAll("main input, main textarea")).some(function (one) {
      return one.type === "checkbox" || one.type === "radio" ? one.checked !== one.defaultChecked : one.value !== one.defaultValue;
    });
  }

  document.addEventListener("htmx:responseError", function (event) {
    const status = event.detail.xhr.status;
    if (status === 401 && !isTyped()) return location.reload(); /* no patient stays on the screen of a shared computer */
    if (status === 403 || status === 401) say("You may not do this, or your session ended. Reload the page to sign in again.");
    else if (status === 409) say("Somebody changed this at the same time. Reload the page to see what is recorded now.");
    else if (status === 503) say("The database does not answer just now. In a moment, reload the page and look at the record before you try again.");
    else say("That did not work, and nothing was saved. Reload the page and try again.");
  });

  document.addEventListener("htmx:sendError", function () {
    say("No connection to the server. Nothing was saved; try again when you are online.");
  });

  document.addEventListener("htmx:afterSettle", function (event) {
    focusErrors(event.target);
  });

  document.addEventListener("DOMContentLoaded", function () {
    focusErrors(document);
  });
})();
