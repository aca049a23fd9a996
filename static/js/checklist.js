// The checklist of the qualify page: one question is open, a rating saves it and opens the next one at once.
//
//   <form data-question="budget" data-answered>    one question; its rows and bodies are all in the page, so that
//   <a data-opens-question data-target="tried">    moving on loses nothing that was typed
//   <button data-step="next|previous|criterion">
//
// A rating chosen by the arrow keys is only being looked for: it is saved when the focus leaves the question.
// The note of a question that has a rating is saved when its author pauses, and when the focus leaves it. Where no
// rating is given yet, drafts.js keeps what is typed.
"use strict";

(() => {
  const PAUSE_MS = 600;
  const TEXT = "textarea, input:not([type=hidden], [type=radio], [type=checkbox])";
  let byArrow = false;
  const staying = new Set();
  const pauses = new WeakMap();
  // Of a question that is being replaced: what was typed or chosen since it was sent, and where the focus stood.
  const since = new Map();

  const all = () => [...document.querySelectorAll("#checklist [data-question]")];
  const named = (code) => all().find((each) => each.dataset.question === code);
  const opened = () => all().find((each) => each.classList.contains("open"));
  const rated = (form) => form.querySelector("input[name=choice]:checked");
  const overlong = (form) => [...form.querySelectorAll("textarea[data-limit]")].find((text) => text.value.length > Number(text.dataset.limit));

  const refuse = (form) => {
    const text = overlong(form);
    form.querySelector(".limit-msg").hidden = !text;
    if (text) text.focus();
    return Boolean(text);
  };

  const save = (form) => {
    if (!form.hasAttribute("hx-post") || refuse(form)) return false;
    clearTimeout(pauses.get(form));
    if (form.classList.contains("htmx-request")) {
      // What comes back takes the place of this form; what changed since is carried over and sent then.
      form.dataset.dirty = "";
      form.dataset.again = "";
      return true;
    }
    delete form.dataset.dirty;
    window.htmx.trigger(form, "save");
    return true;
  };

  const saveHere = (form) => {
    if (form.dataset.dirty === undefined || !rated(form)) return;
    if (form.classList.contains("open")) staying.add(form.dataset.question);
    save(form);
  };

  const leave = (form) => {
    if (form.dataset.dirty === undefined) return;
    if (rated(form)) save(form);
    else form.querySelector(".unsaved")?.removeAttribute("hidden");
  };

  const open = (question) => {
    for (const other of all()) {
      if (other === question || !other.classList.contains("open")) continue;
      other.classList.remove("open");
      leave(other);
    }
    question.classList.add("open");
    question.querySelector(".unsaved")?.setAttribute("hidden", "");
    const focus = rated(question) || question.querySelector("fieldset:not(:disabled) input[type=radio]") || question.querySelector("button, summary");
    focus?.focus({ preventScroll: true });
    window.aThirdFromTop(question);
  };

  // The next open question after this one, from the top again after the last; none left: what the score asks for.
  // Whoever changed what was answered before stays at it.
  const goOn = (form) => {
    if (form.dataset.answered !== undefined && form.dataset.redo === undefined) {
      staying.add(form.dataset.question);
      return;
    }
    form.dataset.answered = "";
    form.classList.remove("open");
    const list = all();
    const at = list.indexOf(form);
    const next = [...list.slice(at + 1), ...list.slice(0, at)].find((each) => each.dataset.answered === undefined);
    if (next) open(next);
    else document.querySelector("#ready button, #ready a")?.focus();
  };

  const step = (way) => {
    const list = all();
    const here = opened();
    const at = list.indexOf(here);
    let target = list[way === "previous" ? Math.max(at - 1, 0) : Math.min(at + 1, list.length - 1)];
    if (way === "criterion") {
      const others = [...list.slice(at + 1), ...list.slice(0, Math.max(at, 0))];
      target = others.find((each) => each.dataset.criterion !== here?.dataset.criterion);
    }
    if (target) open(target);
  };

  document.addEventListener("keydown", (event) => {
    byArrow = event.key.startsWith("Arrow");
  }, true);
  document.addEventListener("pointerdown", () => {
    byArrow = false;
  }, true);

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens-question]");
    const question = opener && (named(opener.dataset.target) || opener.closest("[data-question]"));
    if (question) {
      event.preventDefault();
      open(question);
      return;
    }
    const stepper = event.target.closest("[data-step]");
    if (stepper) step(stepper.dataset.step);
    const form = event.target.closest("form[data-question]");
    if (!form) return;
    if (event.target.matches("input[name=choice]")) {
      form.dataset.dirty = "";
      if (!byArrow && save(form)) goOn(form);
    } else if (event.target.closest(".typed > summary")) {
      // The browser opens it after this click.
      setTimeout(() => form.querySelector(".typed[open] :is(input, select, textarea):not([type=hidden])")?.focus());
    }
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-question]");
    if (!form || event.target.name === "choice") return;
    form.dataset.dirty = "";
    if (event.target.name !== "note") return;
    clearTimeout(pauses.get(form));
    pauses.set(form, setTimeout(() => saveHere(form), PAUSE_MS));
  });

  document.addEventListener("focusout", (event) => {
    const form = event.target.closest("form[data-question]");
    if (form && (event.target.name === "note" || !form.contains(event.relatedTarget))) saveHere(form);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-question]");
    if (!form || event.submitter?.hasAttribute("formaction")) return;
    if (refuse(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    delete form.dataset.dirty;
    if (rated(form) || event.submitter?.name === "confirms") setTimeout(() => goOn(form));
  }, true);

  // The page begins at the question that is open, a third from the top.
  if (opened()) window.aThirdFromTop(opened(), true);

  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.target;
    if (!form.matches?.("form[data-question]")) return;
    const at = document.activeElement;
    since.set(form.dataset.question, {
      typed: form.dataset.dirty === undefined ? [] : [...form.querySelectorAll(TEXT)].map((field) => [field.id, field.value]),
      choice: form.dataset.again === undefined ? "" : rated(form)?.id,
      focus: form.contains(at) ? at.id : "",
      selection: at.matches(TEXT) ? [at.selectionStart, at.selectionEnd] : null,
    });
  });

  const carryOver = (fresh, before) => {
    for (const [id, value] of before.typed) {
      const field = document.getElementById(id);
      if (field) field.value = value;
    }
    if (before.choice) document.getElementById(before.choice).checked = true;
    if (before.typed.length && rated(fresh)) {
      fresh.dataset.dirty = "";
      pauses.set(fresh, setTimeout(() => saveHere(fresh), before.choice ? 0 : PAUSE_MS));
    }
  };

  const focusAgain = (fresh, before) => {
    const field = before.focus && document.getElementById(before.focus);
    (field || rated(fresh))?.focus({ preventScroll: true });
    if (field && before.selection) field.setSelectionRange(...before.selection);
  };

  // What comes back open has something to say: an error, somebody else's answer, or a question to answer again.
  document.addEventListener("htmx:afterSettle", (event) => {
    const fresh = event.detail.elt;
    if (!fresh.matches?.("[data-question]")) return;
    const code = fresh.dataset.question;
    const before = since.get(code);
    since.delete(code);
    const stays = staying.delete(code);
    if (fresh.classList.contains("open") && !fresh.querySelector("[data-focus]")) {
      fresh.dataset.redo = "";
      open(fresh);
    } else if (fresh.classList.contains("open")) {
      for (const other of all()) if (other !== fresh) other.classList.remove("open");
    } else {
      if (before) carryOver(fresh, before);
      if (!stays || (opened() && opened() !== fresh)) return;
      fresh.classList.add("open");
      if (before && (document.activeElement === document.body || before.focus)) focusAgain(fresh, before);
    }
  });
})();
