"use strict";
// The page from top to bottom.
function headline() {
  if (![DATA.warnings, DATA.sentences, DATA.facts].some(one => one.length)) return;
  const place = section("headline", "In short");
  for (const warning of DATA.warnings) place.append(el("p", { class: "warning" }, "⚠ " + warning));
  for (const sentence of DATA.sentences) place.append(el("p", { class: "verdict" }, sentence));
  const facts = el("div", { class: "facts" });
  for (const fact of DATA.facts) {
    const button = copies(el("button", { type: "button", "aria-describedby": "tip-" + fact.name }, fact.shown), String(fact.value), fact.name);
    const tip = el("span", { class: "tip", id: "tip-" + fact.name, role: "tooltip" }, fact.meaning);
    if (fact.formula) tip.append(el("br"), el("code", {}, "= " + fact.formula));
    tip.append(el("br"), el("code", {}, fact.name + " = " + fact.value));
    facts.append(el("div", { class: "fact" }, el("span", { class: "name" }, fact.label), button, tip));
  }
  place.append(facts);
  // A definition opens to the side that has room.
  facts.addEventListener("pointerover", aside);
  facts.addEventListener("focusin", aside);
}
function aside(event) {
  const fact = event.target.closest(".fact");
  if (fact) fact.classList.toggle("late", fact.getBoundingClientRect().left + 300 > document.documentElement.clientWidth);
}
document.getElementById("title").textContent = DATA.title;
document.getElementById("subtitle").textContent = DATA.subtitle;
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
headline(); curves(); tornadoes(); heatMaps(); board(); distributions(); resources(); ribbon(); tables(); provenance();
redrawAll();
new ResizeObserver(redrawAll).observe(MAIN);
