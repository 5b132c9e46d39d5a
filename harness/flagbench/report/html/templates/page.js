"use strict";
// Without this script every table is shown whole, in the order of the design.

// Rows are sorted by the displayed text, as a number where it is one; missing values come last.
function valueOf(row, column) {
  const text = row.cells[column].textContent.trim();
  if (text === "control") return 0;
  if (text === "n/a" || text === "none" && column > 0) return null;
  const number = Number.parseFloat(text.replaceAll(",", ""));
  return Number.isNaN(number) ? text.toLowerCase() : number;
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

function sort(table, column, direction) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [valueOf(row, column), row]);
  rows.sort(([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return direction * compare(a, b);
  });
  body.append(...rows.map(([, row]) => row));
}

function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const isUp = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
      sort(table, column, isUp ? 1 : -1);
    });
  });
}

function levelsOf(row) {
  const named = Object.entries(row.dataset).filter(([key]) => key.startsWith("level-"));
  return new Set(named.map(([, level]) => level));
}

function makeFilter(form) {
  const table = form.parentElement.querySelector("table.series");
  const rows = [...table.tBodies[0].rows];
  const levels = new Map(rows.map((row) => [row, levelsOf(row)]));
  const count = form.querySelector("output");
  const verdict = form.elements.namedItem("verdict");
  const selects = [...form.querySelectorAll("select[data-factor]")];

  function isShown(row) {
    const words = form.elements.namedItem("name").value.toLowerCase().split(/\s+/);
    const name = row.cells[0].textContent.toLowerCase();
    if (!words.every((word) => name.includes(word))) return false;
    if (verdict && verdict.value && row.dataset.outcome !== verdict.value) return false;
    const known = levels.get(row);
    // A series that could not run has no levels, so that they never hide it.
    if (known.size === 0) return true;
    return selects.every((select) => !select.value || known.has(`${select.dataset.factor}=${select.value}`));
  }

  function apply() {
    for (const row of rows) row.hidden = !isShown(row);
    const left = rows.filter((row) => !row.hidden).length;
    count.textContent = `${left} of ${rows.length} series`;
  }

  form.addEventListener("input", apply);
  form.querySelector("button").addEventListener("click", () => {
    form.reset();
    apply();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
}

document.querySelectorAll("table.sortable").forEach(makeSortable);
document.querySelectorAll("form.filter").forEach(makeFilter);
