// The checklist of the qualify page: one question is open, a rating saves it and opens the next one at once.
//
//   <form data-question="budget" data-answered>    one question; its rows and bodies are all in the page, so that
//   <a data-opens-question data-target="tried">    moving on loses nothing that was typed
//   <button data-step="next|previous|criterion">
//
// A rating chosen by the arrow keys is only being looked for: it is saved when the focus leaves the question.
"use strict";

(() => {
  let byArrow = false;
  const staying = new Set();

  const all = () => [...document.querySelectorAll("#checklist [data-question]")];
  const named = (code) => all().find((each) => each.dataset.question === code);
  const opened = () => all().find((each) => each.classList.contains("open"));
  const rated = (form) => form.querySelector("input[name=choice]:checked");
  const overlong = (form) => [...form.querySelectorAll("textarea[data-limit]")].find((text) => text.value.length > Number(text.dataset.limit));

  const bring = (question, sudden = false) => {
    const box = question.closest("[data-scrolls]");
    const inside = box.scrollHeight > box.clientHeight && getComputedStyle(box).overflowY !== "visible";
    const scroller = inside ? box : box.parentElement.closest("[data-scrolls]") || document.scrollingElement;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const top = question.getBoundingClientRect().top - scroller.getBoundingClientRect().top - scroller.clientHeight / 3;
    scroller.scrollBy({ top, behavior: calm || sudden ? "auto" : "smooth" });
  };

  const refuse = (form) => {
    const text = overlong(form);
    form.querySelector(".limit-msg").hidden = !text;
    if (text) text.focus();
    return Boolean(text);
  };

  const save = (form) => {
    if (!form.hasAttribute("hx-post") || refuse(form)) return false;
    delete form.dataset.dirty;
    window.htmx.trigger(form, "save");
    return true;
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
    bring(question);
  };

  // The next open question after this one, from the top again after the last; none left: what the score asks for.
  const goOn = (form) => {
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
    if (form && event.target.name !== "choice") form.dataset.dirty = "";
  });

  document.addEventListener("focusout", (event) => {
    const form = event.target.closest("form[data-question]");
    if (!form || form.contains(event.relatedTarget) || form.dataset.dirty === undefined || !rated(form)) return;
    if (form.classList.contains("open")) staying.add(form.dataset.question);
    save(form);
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
  if (opened()) bring(opened(), true);

  // What comes back open has something to say: an error, somebody else's answer, or a question to answer again.
  document.addEventListener("htmx:afterSettle", (event) => {
    const fresh = event.detail.elt;
    if (!fresh.matches?.("[data-question]")) return;
    const code = fresh.dataset.question;
    if (fresh.classList.contains("open") && !fresh.querySelector("[data-focus]")) open(fresh);
    else if (fresh.classList.contains("open")) {
      for (const other of all()) if (other !== fresh) other.classList.remove("open");
    } else if (staying.delete(code) && !opened()) fresh.classList.add("open");
  });
})();
