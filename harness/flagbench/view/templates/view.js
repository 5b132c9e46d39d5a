"use strict";
// Keys: "/" searches, "j" and "k" walk through calls and files, "o" opens or closes the current one.
const stops = [...document.querySelectorAll("summary")];
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
