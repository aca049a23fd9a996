// Nothing for 300 ms, then a thin bar at the top: a request that is quick shows no sign of waiting.
"use strict";

(() => {
  const PATIENCE_MS = 300;
  let open = 0;
  let timer = 0;

  const bar = () => document.getElementById("progress");
  const done = () => {
    open = Math.max(0, open - 1);
    if (open) return;
    clearTimeout(timer);
    if (bar()) bar().hidden = true;
  };

  document.addEventListener("htmx:beforeRequest", () => {
    open += 1;
    if (open > 1) return;
    timer = setTimeout(() => {
      if (bar()) bar().hidden = false;
    }, PATIENCE_MS);
  });
  document.addEventListener("htmx:afterRequest", done);
})();
