/* A work list that stays true while it is open. Without this file it is as true as its last reload.
   The list is never exchanged under a hand: not while a field in it has the focus, nor while a form in it is open. */
"use strict";

(function () {
  const PRESSABLE = "a, button, summary";
  let kept = null;

  function isBusy(list) {
    const active = document.activeElement;
    const types = active && list.contains(active) && /^(INPUT|SELECT|TEXTAREA)$/.test(active.tagName);
    return types || list.querySelector("details[open] form") !== null || document.querySelector("dialog[open]") !== null;
  }

  function rows(list) {
    return new Map(Array.from(list.querySelectorAll("[data-row]"), function (row) {
      return [row.dataset.row, row];
    }));
  }

  function words(row, part) {
    const found = row.querySelector(part);
    if (!found) return "";
    const copy = found.cloneNode(true); /* minutes that only grow are no news */
    copy.querySelectorAll("[data-ticks]").forEach(function (one) { one.remove(); });
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  function said(text) {
    const line = document.querySelector("[data-list-said]");
    if (line && line.textContent !== text) line.textContent = text;
  }

  function placeOf(list, element) {
    if (!element || !list.contains(element)) return null;
    const row = element.closest("[data-row]");
    const within = row || list;
    const at = Array.from(within.querySelectorAll(PRESSABLE)).indexOf(element);
    return at < 0 ? null : { row: row ? row.dataset.row : "", at: at };
  }

  function keep(list) {
    return {
      open: Array.from(rows(list)).filter(function (pair) { return pair[1].querySelector("details[open]"); })
        .map(function (pair) { return pair[0]; }),
      focus: placeOf(list, document.activeElement),
      before: new Map(Array.from(rows(list), function (pair) { return [pair[0], words(pair[1], ".readystate")]; })),
    };
  }

  function restore(list) {
    const found = rows(list);
    kept.open.forEach(function (key) {
      const details = found.has(key) && found.get(key).querySelector("details");
      if (details) details.open = true;
    });
    if (kept.focus) {
      const within = kept.focus.row ? found.get(kept.focus.row) : list;
      const element = within && within.querySelectorAll(PRESSABLE)[kept.focus.at];
      if (element) element.focus({ preventScroll: true });
    }
  }

  function tell(list) {
    const changed = [];
    rows(list).forEach(function (row, key) {
      const now = words(row, ".readystate");
      if (kept.before.get(key) === now) return;
      row.classList.add("is-changed");
      changed.push(words(row, ".who strong") + ": " + (words(row, ".prompt") || words(row, ".readystate > p") || now));
    });
    const gone = Array.from(kept.before.keys()).filter(function (key) { return !rows(list).has(key); }).length;
    if (gone) changed.push(gone === 1 ? "one infusion is no longer on this list" : gone + " infusions are no longer on this list");
    if (changed.length) said("Just changed: " + changed.join("; "));
  }

  function isList(element) {
    return element instanceof Element && element.matches("[data-list]");
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (isList(event.detail.elt) && isBusy(event.detail.elt)) event.preventDefault();
  });

  document.addEventListener("htmx:beforeSwap", function (event) {
    const list = event.detail.target;
    if (!isList(list) || event.detail.xhr.status !== 200) return;
    if (isBusy(list)) event.detail.shouldSwap = false;
    else kept = keep(list);
  });

  document.addEventListener("htmx:afterSettle", function (event) {
    const list = document.querySelector("[data-list]");
    if (!kept || !list || !isList(event.detail.elt)) return;
    restore(list);
    tell(list);
    kept = null;
  });

  /* app.js says that nothing was saved; of a list it matters that it may be old. */
  ["htmx:sendError", "htmx:responseError"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (!isList(event.detail.elt) || event.detail.xhr.status === 401) return;
      event.stopImmediatePropagation();
      said("This list could not be brought up to date and may be old. Reload the page.");
    }, true);
  });
})();
