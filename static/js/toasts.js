// Toasts leave after ten seconds, wait while the pointer or the focus is on them, and can be sent away.
// The server sends them as messages of the page, or out of band: <div id="toasts" hx-swap-oob="beforeend">.
// U presses the Undo of the newest one (data-key, read by keys.js).
"use strict";

(() => {
  const STAY_MS = 10000;
  const seen = new WeakSet();

  const undoes = (toast) => toast.querySelector("[data-key=u]") !== null;

  const watch = (toast) => {
    if (seen.has(toast)) return;
    seen.add(toast);
    // U undoes the last change: a newer one takes the place of the older.
    if (undoes(toast)) for (const other of document.querySelectorAll("#toasts .toast")) if (other !== toast && undoes(other)) other.remove();
    let left = STAY_MS;
    let since = Date.now();
    let timer = setTimeout(() => toast.remove(), left);
    const wait = () => {
      clearTimeout(timer);
      left -= Date.now() - since;
    };
    const go = () => {
      since = Date.now();
      timer = setTimeout(() => toast.remove(), Math.max(left, 1000));
    };
    toast.addEventListener("pointerenter", wait);
    toast.addEventListener("pointerleave", go);
    toast.addEventListener("focusin", wait);
    toast.addEventListener("focusout", go);
  };

  const watchAll = () => {
    // What says that something failed stays until it is read.
    for (const toast of document.querySelectorAll("#toasts .toast:not(.toast-stays)")) watch(toast);
  };

  const fail = (status) => {
    const place = document.getElementById("toasts");
    const template = document.getElementById("toast-failed");
    if (!place || !template) return;
    const kinds = [String(status), status >= 500 ? "5xx" : "", "other"];
    const text = kinds.map((kind) => template.content.querySelector(`[data-status="${kind}"]`)).find(Boolean);
    for (const old of place.querySelectorAll(".toast-stays")) old.remove();
    if (text) place.append(text.cloneNode(true));
  };

  document.addEventListener("DOMContentLoaded", watchAll);
  document.addEventListener("htmx:afterSettle", watchAll);
  document.addEventListener("htmx:oobAfterSwap", watchAll);
  document.addEventListener("htmx:responseError", (event) => fail(event.detail.xhr.status));
  document.addEventListener("htmx:afterRequest", (event) => {
    // Undone: nothing is left to press. What failed may be pressed again.
    if (event.detail.successful) event.target.closest(".toast")?.remove();
  });
  document.addEventListener("htmx:timeout", () => fail(504));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest(".toast")?.remove();
  });
})();
