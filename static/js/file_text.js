// A file's text goes into a text field of the page: files themselves are not sent (leadqual/uploads.py).
"use strict";

(() => {
  document.addEventListener("change", async (event) => {
    const field = document.getElementById(event.target.dataset?.fills ?? "");
    const file = event.target.files?.[0];
    if (field && file) field.value = await file.text();
  });
})();
