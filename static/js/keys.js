// The keyboard, in one delegated listener.
//
//   data-key="a"          pressed by A            data-key="j,ArrowDown"    either
//   data-key="g l"        G, then L               data-key="Control+Enter"  with Ctrl (or Cmd)
//   aria-keyshortcuts     read the same way, alternatives separated by spaces, as the standard says
//
// A radio, button or link is clicked; a field takes the focus. Inside [data-cursor] (a row, a card) a key works only
// while that row has the cursor, which follows the focus. Single letters rest while somebody types, and everywhere if
// <body data-single-keys="off"> (WCAG 2.1.4); keys with Ctrl, Enter and Escape always work.
"use strict";

(() => {
  const SEQUENCE_MS = 1200;
  const TYPING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])";
  const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock", "AltGraph"]);
  let first = "";
  let firstAt = 0;

  const name = (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const control = event.ctrlKey || event.metaKey ? "Control+" : "";
    const shift = event.shiftKey && /^[a-z]$/.test(key) ? "Shift+" : "";
    return control + shift + key;
  };

  const spelled = (key) => {
    const parts = key.trim().split("+");
    const last = parts.pop();
    return [...parts.map((part) => (part === "Meta" ? "Control" : part)), last.length === 1 ? last.toLowerCase() : last].join("+");
  };

  const names = (element) => [
    ...(element.dataset.key || "").split(",").map((key) => key.split(" ").filter(Boolean).map(spelled).join(" ")),
    ...(element.getAttribute("aria-keyshortcuts") || "").split(" ").filter(Boolean).map(spelled),
  ];

  // What may be pressed now: an open dialog hides the page; a row that has not the cursor is silent.
  const reachable = (element) => {
    const dialog = document.querySelector("dialog[open]");
    if (dialog && !dialog.contains(element)) return false;
    const row = element.closest("[data-cursor]");
    return (!row || row.classList.contains("cursor")) && !element.disabled && element.checkVisibility();
  };

  const press = (element) => {
    if (element.matches(TYPING) || !element.matches("a, button, input, label, summary")) {
      element.focus();
      element.scrollIntoView({ block: "nearest" });
    } else {
      if (element.matches("input[type=radio]")) element.focus();
      element.click();
    }
  };

  const find = (pressed) => {
    const all = [...document.querySelectorAll("[data-key], [aria-keyshortcuts]")].filter(
      (element) => names(element).includes(pressed) && reachable(element),
    );
    // The row with the cursor comes before the page.
    return all.find((element) => element.closest("[data-cursor]")) || all[0];
  };

  // The cursor of a list is the row that has the focus; J and K, or the arrows, move it.
  const rows = () => [...document.querySelectorAll("[data-cursor]")].filter((row) => row.checkVisibility());

  const enter = (row) => {
    for (const other of document.querySelectorAll(".cursor")) other.classList.toggle("cursor", other === row);
    row.classList.add("cursor");
  };

  const focusOf = (row) => row.querySelector("[data-cursor-focus]") || row.querySelector("a, button") || row;

  const move = (pressed) => {
    const list = rows();
    const at = list.findIndex((row) => row.classList.contains("cursor"));
    let target;
    if (pressed === "j" || pressed === "ArrowDown") target = list[Math.min(at + 1, list.length - 1)];
    if (pressed === "k" || pressed === "ArrowUp") target = list[Math.max(at - 1, 0)];
    if ((pressed === "ArrowLeft" || pressed === "ArrowRight") && at >= 0) {
      const columns = [...document.querySelectorAll("[data-column]")].filter((column) => column.querySelector("[data-cursor]"));
      const here = columns.findIndex((column) => column.contains(list[at]));
      const column = columns[here + (pressed === "ArrowRight" ? 1 : -1)];
      if (column) {
        const depth = [...columns[here].querySelectorAll("[data-cursor]")].indexOf(list[at]);
        const cards = [...column.querySelectorAll("[data-cursor]")];
        target = cards[Math.min(depth, cards.length - 1)];
      }
    }
    if (!target) return false;
    enter(target);
    focusOf(target).focus();
    target.scrollIntoView({ block: "nearest" });
    return true;
  };

  // Escape closes the innermost open menu and gives the focus back to what opened it.
  const close = () => {
    const open = [...document.querySelectorAll("details[data-menu][open]")].pop();
    if (!open) return false;
    open.open = false;
    open.querySelector("summary").focus();
    return true;
  };

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-cursor]");
    if (row) enter(row);
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || MODIFIERS.has(event.key)) return;
    const pressed = name(event);
    const typing = event.target.matches(TYPING);
    const single = !pressed.startsWith("Control+") && pressed !== "Enter" && pressed !== "Escape";
    if (single && (typing || document.body.dataset.singleKeys === "off")) return;
    // A key held down walks through a list, and does nothing else a second time.
    if (event.repeat && !/^(j|k|Arrow.*)$/.test(pressed)) return;
    // In a group of radios, and on a control that opens with it, the browser's own meaning of a key comes first.
    if (event.target.matches("input[type=radio]") && pressed.startsWith("Arrow")) return;
    if (pressed === "Enter" && (typing || event.target.matches("a, button, summary"))) return;

    const sequence = Date.now() - firstAt < SEQUENCE_MS ? `${first} ${pressed}` : "";
    const element = (sequence && find(sequence)) || find(pressed);
    first = pressed;
    firstAt = Date.now();

    if (element) {
      event.preventDefault();
      first = "";
      press(element);
    } else if (pressed === "Escape" && typing && event.target.closest("[data-escape]")) {
      // Out of a note, back to the thing it belongs to.
      const box = event.target.closest("[data-escape]");
      (box.querySelector("input[type=radio]:checked") || box.querySelector("input[type=radio], a, button"))?.focus();
    } else if ((pressed === "Escape" && close()) || (single && move(pressed))) {
      event.preventDefault();
    }
  });
})();
