// Light, dark or as the system says. Loaded in the head without defer, so that no page flashes in the wrong theme.
"use strict";

(() => {
  const KEY = "theme";
  const root = document.documentElement;

  // Style sheets show some things only where script runs (toasts that float, the theme switch).
  root.dataset.js = "";

  const stored = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be forbidden; the system's theme is then used
    }
  };

  const apply = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-set]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === (theme || "system")));
    }
  };

  apply(stored());
  document.addEventListener("DOMContentLoaded", () => apply(stored()));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-set]");
    if (!button) return;
    const theme = button.dataset.themeSet === "system" ? "" : button.dataset.themeSet;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // The choice then holds for this page only.
    }
    apply(theme);
  });
})();
