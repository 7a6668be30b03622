"use strict";
// Tables that sort by their headings, every cell exact on hover and every row in what is copied.
const ROWS_AT_ONCE = 200;

function tables() {
  if (!DATA.tables.length) return;
  const place = section("tables", "Tables");
  const choice = el("select", { id: "table", "aria-label": "which table" });
  const told = one => one.rows.length < one.count ? `first ${one.rows.length.toLocaleString("en")} of ${one.count.toLocaleString("en")} rows` : `${one.count.toLocaleString("en")} rows`;
  DATA.tables.forEach((one, i) => choice.append(el("option", { value: i }, `${one.name} (${told(one)})`)));
  const button = copies(el("button", { type: "button" }, "copy as CSV"), () => { const one = DATA.tables[choice.value]; return csv(one.columns.map(c => c.name), one.rows); }, "the table");
  const about = el("p", { class: "soft" }), space = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "table" });
  place.append(el("div", { class: "controls" }, choice, button), about, space);
  const show = () => {
    const one = DATA.tables[choice.value], rest = one.rows.length < one.count ? " The others are in its Parquet file." : "";
    about.textContent = one.meaning + rest;
    space.replaceChildren(sortable(one));
    space.scrollTop = 0;
  };
  choice.addEventListener("change", show);
  show();
}
function sortable(one) {
  const head = el("tr"), body = el("tbody"), words = one.columns.map((_, i) => one.rows.some(row => typeof row[i] === "string"));
  const made = row => el("tr", {}, ...row.map((cell, i) => {
    const td = el("td", words[i] ? { class: "word" } : {}, short(cell));
    if (cell !== null) td.title = String(cell);
    return td;
  }));
  const fill = (rows, upto = ROWS_AT_ONCE) => {
    body.replaceChildren(...rows.slice(0, upto).map(made));
    if (rows.length <= upto) return;
    const more = el("button", { type: "button" }, `show ${Math.min(ROWS_AT_ONCE * 5, rows.length - upto)} more of ${(rows.length - upto).toLocaleString("en")}`);
    more.addEventListener("click", () => fill(rows, upto + ROWS_AT_ONCE * 5));
    body.append(el("tr", {}, el("td", { colspan: one.columns.length, class: "word" }, more)));
  };
  one.columns.forEach((column, i) => {
    const told = column.meaning ? { title: `${column.meaning} [${column.unit}]` } : {}, button = el("button", { type: "button", ...told }, column.name);
    const th = el("th", { scope: "col", "aria-sort": "none", class: words[i] ? "word" : "" }, button);
    button.addEventListener("click", () => {
      const up = th.getAttribute("aria-sort") !== "ascending";
      for (const other of head.children) other.setAttribute("aria-sort", "none");
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      const sign = up ? 1 : -1;
      fill([...one.rows].sort((a, b) => a[i] === b[i] ? 0 : a[i] === null ? 1 : b[i] === null ? -1 : sign * (a[i] < b[i] ? -1 : 1)));
    });
    head.append(th);
  });
  fill(one.rows);
  return el("table", {}, el("thead", {}, head), body);
}
function provenance() {
  const place = section("scenario", "Scenario and versions");
  place.append(el("p", {}, Object.entries(DATA.versions).map(([name, version]) => `${name} ${version}`).join(", ")));
  if (DATA.assumed.length) place.append(el("details", {}, el("summary", {}, `${DATA.assumed.length} assumed machine parameters that the numbers rest on`), el("p", {}, DATA.assumed.join(", "))));
  place.append(copies(el("button", { type: "button", class: "small" }, "copy the scenario"), DATA.scenario, "the scenario"), el("pre", { tabindex: 0, "aria-label": "scenario" }, DATA.scenario));
}
