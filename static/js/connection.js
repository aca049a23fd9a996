// A lost connection: the banner says so, and "Try now" sends the last request again. Nothing typed is lost: a failed
// request replaces nothing on the page.
"use strict";

(() => {
  let failed = null;
  const banner = () => document.getElementById("offline");
  const show = (lost) => {
    if (banner()) banner().hidden = !lost;
  };

  document.addEventListener("htmx:sendError", (event) => {
    failed = { element: event.detail.elt, type: event.detail.requestConfig?.triggeringEvent?.type || "submit" };
    show(true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr?.status) show(false);
  });
  window.addEventListener("offline", () => show(true));
  window.addEventListener("online", () => show(false));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-retry]")) return;
    if (failed?.element.isConnected) window.htmx.trigger(failed.element, failed.type);
    else location.reload();
  });
})();
