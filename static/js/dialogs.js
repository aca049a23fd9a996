// Dialogs and menus. A button with data-opens names the dialog that it opens; data-closes shuts the one around it; a
// dialog that htmx has just loaded opens by itself (data-open-now). The browser gives the focus back when it closes.
// A menu is <details data-menu>; a press outside of it shuts it.
"use strict";

(() => {
  const openLoaded = () => {
    for (const dialog of document.querySelectorAll("dialog[data-open-now]:not([open])")) {
      delete dialog.dataset.openNow;
      dialog.showModal();
    }
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("htmx:afterSettle", openLoaded);
  document.addEventListener("DOMContentLoaded", openLoaded);
})();
