// What is typed into a question and not saved yet is kept in this browser, so that leaving the page loses nothing.
//
//   <section data-drafts="7/direct">   whose drafts they are, and of which set: nobody else's are shown
//
// A draft remembers which answer its author saw. If that one still stands, the page takes the text up as if it had just
// been typed, and an answered question saves it; if somebody answered meanwhile, it waits in its field for a rating.
"use strict";

(() => {
  const TEXT = "textarea, input:not([type=hidden], [type=radio], [type=checkbox])";
  const box = document.querySelector("[data-drafts]");
  if (!box) return;
  const forms = () => [...box.querySelectorAll("form[data-question]")];
  const key = (form) => `draft ${box.dataset.drafts} ${new URL(form.action).pathname}`;
  const seen = (form) => form.querySelector("input[name=seen]").value;

  const remember = (form) => {
    const typed = [...form.querySelectorAll(TEXT)].filter((field) => field.value !== field.defaultValue);
    const fields = Object.fromEntries(typed.map((field) => [field.name, field.value]));
    try {
      if (typed.length) localStorage.setItem(key(form), JSON.stringify({ seen: seen(form), fields }));
      else localStorage.removeItem(key(form));
    } catch {
      // A browser that keeps nothing, or is full: the text is still in its field.
    }
  };

  const kept = (form) => {
    try {
      return JSON.parse(localStorage.getItem(key(form)));
    } catch {
      return null;
    }
  };

  const takeUp = (form) => {
    const draft = kept(form);
    if (!draft) return;
    const fields = [...form.querySelectorAll(TEXT)].filter((field) => field.name in draft.fields && field.value !== draft.fields[field.name]);
    if (!fields.length) {
      localStorage.removeItem(key(form));
      return;
    }
    for (const field of fields) field.value = draft.fields[field.name];
    if (!form.classList.contains("open")) form.querySelector(".unsaved")?.removeAttribute("hidden");
    if (draft.seen === seen(form)) fields[0].dispatchEvent(new Event("input", { bubbles: true }));
  };

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-question]");
    if (form && event.target.matches(TEXT)) remember(form);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // The form that was sent has left the page by now; the one of a conflict has the same address.
    const form = event.detail.requestConfig.elt;
    if (!form.matches("form[data-question], form.conflict") || !event.detail.successful) return;
    if (form.dataset.dirty === undefined) localStorage.removeItem(key(form));
  });
  document.addEventListener("DOMContentLoaded", () => forms().forEach(takeUp));
})();
