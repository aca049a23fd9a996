// Where the focus goes after a part of the page was replaced.
//
// New content may name it: the first [data-focus] in it takes the focus, and is scrolled to a third from the top.
// Otherwise the focus returns to the element with the same id as the one that had it.
//
// aThirdFromTop(element, sudden) scrolls whatever it lies in: a column of a desk, the sheet, or on a phone the page.
"use strict";

window.aThirdFromTop = (element, sudden = false) => {
  let box = element.closest("[data-scrolls]");
  while (box && (getComputedStyle(box).overflowY === "visible" || box.scrollHeight <= box.clientHeight)) {
    box = box.parentElement.closest("[data-scrolls]");
  }
  const scroller = box || document.scrollingElement;
  const calm = sudden || matchMedia("(prefers-reduced-motion: reduce)").matches;
  const top = element.getBoundingClientRect().top - (box ? box.getBoundingClientRect().top : 0) - scroller.clientHeight / 3;
  scroller.scrollBy({ top, behavior: calm ? "auto" : "smooth" });
};

(() => {
  let lastId = "";

  const take = (element) => {
    if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
    element.focus({ preventScroll: true });
    window.aThirdFromTop(element.closest("[data-focus-box]") || element);
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
