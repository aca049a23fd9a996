// Where the focus goes after a part of the page was replaced.
//
// New content may name it: the first [data-focus] in it takes the focus, and is scrolled to a third from the top.
// Otherwise the focus returns to the element with the same id as the one that had it.
"use strict";

(() => {
  let lastId = "";

  const take = (element) => {
    if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
    element.focus({ preventScroll: true });
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const box = element.closest("[data-focus-box]") || element;
    const scroller = box.closest("[data-scrolls]") || document.scrollingElement;
    const top = scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top;
    scroller.scrollBy({
      top: box.getBoundingClientRect().top - top - scroller.clientHeight / 3,
      behavior: calm ? "auto" : "smooth",
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    const wanted = document.querySelector("[data-focus]");
    if (wanted) take(wanted);
  });
  document.addEventListener("htmx:beforeSwap", () => {
    lastId = document.activeElement?.id || "";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const fresh = event.detail.elt;
    const wanted = fresh.matches?.("[data-focus]") ? fresh : fresh.querySelector?.("[data-focus]");
    if (wanted) take(wanted);
    else if (document.activeElement === document.body && lastId) document.getElementById(lastId)?.focus({ preventScroll: true });
  });
})();
