function tables() {
  if (!DATA.tables.length) return;
  const place = section("tables", "Tables");
  const choice = el("select", { id: "table", "aria-label": "which table" });
  DATA.tables.forEach((one, i) => choice.append(el("option", { value: i }, `${one.name} (${one.rows.length} of ${one.count.toLocaleString("en")} rows)`)));
  const copy = el("button", { type: "button" }, "copy as CSV"), about = el("p", {}), space = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "table" });
  place.append(el("div", { class: "controls" }, choice, copy), about, space);
  const csv = one => [one.columns.map(c => c.name), ...one.rows].map(row => row.map(v => v === null ? "" : /[",\n]/.test(v) ? `"${String(v).replace(/"/g, '""')}"` : v).join(",")).join("\n");
  copy.addEventListener("click", () => { if (navigator.clipboard) navigator.clipboard.writeText(csv(DATA.tables[choice.value])).catch(() => {}); });
  const show = () => {
    const one = DATA.tables[choice.value];
    about.textContent = one.meaning;
    space.replaceChildren(sortable(one));
  };
  choice.addEventListener("change", show);
  show();
}
function sortable(one) {
  const head = el("tr"), body = el("tbody");
  const words = one.columns.map((_, i) => one.rows.some(row => typeof row[i] === "string"));
  const fill = rows => body.replaceChildren(...rows.map(row => el("tr", {}, ...row.map((cell, i) => {
    const td = el("td", words[i] ? { class: "word" } : {}, short(cell));
    if (cell !== null) td.title = String(cell);
    return td;
  }))));
  one.columns.forEach((column, i) => {
    const button = el("button", { type: "button", title: `${column.meaning} [${column.unit}]` }, column.name);
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
  if (DATA.assumed.length) place.append(el("details", {}, el("summary", {}, `${DATA.assumed.length} assumed machine parameters`), el("p", {}, DATA.assumed.join(", "))));
  place.append(el("pre", { tabindex: 0 }, DATA.scenario));
}
document.getElementById("title").textContent = DATA.title;
document.getElementById("subtitle").textContent = DATA.subtitle;
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
headline(); curves(); heatMaps(); board(); distributions(); resources(); ribbon(); tables(); provenance();
