// Dragging a card, as an extra beside its move menu: a drop presses the button of the card's own form that the menu
// would have pressed, so that the rules, the questions asked and the answer are the same.
//
//   <article class="kcard" data-card> ... <form data-move> <button name="stage" value="7"> ...
//   <section class="kcol" data-column data-stage="7">
"use strict";

(() => {
  let dragged = null;

  const button = (card, column) =>
    [...card.querySelectorAll("form[data-move] button[name=stage]")].find((each) => each.value === column.dataset.stage);

  const ready = () => {
    for (const card of document.querySelectorAll("[data-card]")) card.draggable = true;
  };

  const clear = () => {
    for (const column of document.querySelectorAll(".over")) column.classList.remove("over");
  };

  // A card that came to a folded column is shown: the focus goes to it.
  const unfold = () => {
    for (const card of document.querySelectorAll(".kcol.shut .kcard:has([data-focus])")) {
      card.closest(".kcol").querySelector(".unfold").checked = true;
    }
  };

  document.addEventListener("DOMContentLoaded", ready);
  document.addEventListener("htmx:oobAfterSwap", unfold);
  document.addEventListener("htmx:afterSettle", ready);
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-card]");
    if (!dragged) return;
    dragged.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.id);
  });
  document.addEventListener("dragover", (event) => {
    const column = event.target.closest?.("[data-stage]");
    clear();
    if (!dragged || !column || column.contains(dragged) || !button(dragged, column)) return;
    event.preventDefault();
    column.classList.add("over");
  });
  document.addEventListener("drop", (event) => {
    const column = event.target.closest?.("[data-stage]");
    const chosen = dragged && column && button(dragged, column);
    clear();
    if (!chosen) return;
    event.preventDefault();
    // A press, as by hand: htmx takes the value of the button that was clicked.
    chosen.click();
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    clear();
  });
})();
