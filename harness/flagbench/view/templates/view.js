"use strict";
// Keys: "/" searches, "j" and "k" walk through calls and files, "o" opens or closes the current one.
let stops = [...document.querySelectorAll("summary")];
const open = (hash) => {
  const named = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  const details = named && (named.matches("details") ? named : named.querySelector("details"));
  if (details) {
    details.open = true;
    named.scrollIntoView();
  }
};
addEventListener("hashchange", () => open(location.hash));
open(location.hash);
addEventListener("keydown", (event) => {
  if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = stops.indexOf(document.activeElement);
  if (event.key === "/") {
    document.getElementById("q")?.focus();
    event.preventDefault();
  } else if (event.key === "j" || event.key === "k") {
    const next = stops[event.key === "j" ? at + 1 : at < 0 ? stops.length - 1 : at - 1];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "o" && at >= 0) {
    stops[at].parentElement.open = !stops[at].parentElement.open;
  }
});

// A part of a scenario's page is asked for when it comes near; without this script it is a link.
const load = async (section) => {
  const answer = await fetch(section.dataset.part);
  const text = await answer.text();
  const part = new DOMParser().parseFromString(text, "text/html").querySelector(answer.ok ? ".part" : "main");
  section.querySelector(".waiting").replaceWith(...part.childNodes);
  section.querySelectorAll("table.sortable").forEach(makeSortable);
  stops = [...document.querySelectorAll("summary")];
};
const near = new IntersectionObserver((entries) => {
  for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
    near.unobserve(target);
    load(target);
  }
}, { rootMargin: "200px" });
document.querySelectorAll("[data-part]").forEach((section) => near.observe(section));
