// Dragging a row to another place in its list, as an extra beside its buttons: a drop presses the row's own hidden
// button with the number of steps, so that the rule and the answer are those of the buttons.
//
//   <ol data-sorts> <li data-sortable> ... <form> <button name="steps" value="0" hidden data-drop>
"use strict";

(() => {
  let dragged = null;

  const rows = (list) => [...list.querySelectorAll(":scope > [data-sortable]")];

  const ready = () => {
    for (const row of document.querySelectorAll("[data-sortable]")) row.draggable = true;
  };

  const clear = () => {
    for (const row of document.querySelectorAll(".over")) row.classList.remove("over");
  };

  const target = (event) => {
    const row = event.target.closest?.("[data-sortable]");
    return dragged && row && row !== dragged && row.parentElement === dragged.parentElement ? row : null;
  };

  ready();
  document.addEventListener("htmx:afterSettle", ready);
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-sortable]");
    if (!dragged) return;
    dragged.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.id);
  });
  document.addEventListener("dragover", (event) => {
    const row = target(event);
    clear();
    if (!row) return;
    event.preventDefault();
    row.classList.add("over");
  });
  document.addEventListener("drop", (event) => {
    const row = target(event);
    clear();
    if (!row) return;
    event.preventDefault();
    const list = rows(row.parentElement);
    const button = dragged.querySelector("[data-drop]");
    button.value = list.indexOf(row) - list.indexOf(dragged);
    button.click();
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    clear();
  });
})();
