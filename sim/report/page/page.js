"use strict";
// Draws what is in the JSON beside it; asks nobody else for anything.
const DATA = JSON.parse(document.getElementById("data").textContent);
const MAIN = document.getElementById("main");
// A scale like cividis, and the colours of Okabe and Ito: told apart by people of any colour vision.
const SCALE = ["#00224e", "#233e6c", "#4a5469", "#6b6c71", "#8a8678", "#aaa071", "#cdbb61", "#f0d746", "#fee838"];
const HUES = { compute: "#0072b2", network: "#e69f00", dram: "#009e73", link: "#cc79a7", sync: "#d55e00", host: "#56b4e9", other: "#8c8c8c" };
const MOST_CHIPS = 3;
const SERIES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c8c"];

function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
function draw(name, attributes = {}, text = null) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  return made;
}
function canvas(width, height, label) {
  return draw("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label });
}
function titled(shape, text) { shape.append(draw("title", {}, text)); return shape; }
function section(id, title) {
  const made = el("section", { id, "aria-label": title }, el("h2", {}, title));
  MAIN.append(made);
  return made;
}
function short(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (Number.isSafeInteger(value)) return value.toLocaleString("en");
  const size = Math.abs(value);
  if (size >= 1e4 && size < 1e6) return Math.round(value).toLocaleString("en");
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(3) : String(parseFloat(value.toPrecision(4)));
}
function colour(share) {
  const at = Math.max(0, Math.min(1, share)) * (SCALE.length - 1), low = Math.min(SCALE.length - 2, Math.floor(at));
  const parts = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
  const a = parts(SCALE[low]), b = parts(SCALE[low + 1]);
  return `rgb(${a.map((one, i) => Math.round(one + (b[i] - one) * (at - low))).join(",")})`;
}
function copied(button, text) {
  button.addEventListener("click", () => {
    if (navigator.clipboard) navigator.clipboard.writeText(text).catch(() => {});
    button.title = "copied";
  });
}

function headline() {
  if (![DATA.warnings, DATA.sentences, DATA.facts].some(one => one.length)) return;
  const place = section("headline", "In short");
  for (const warning of DATA.warnings) place.append(el("p", { class: "warning" }, "⚠ " + warning));
  for (const sentence of DATA.sentences) place.append(el("p", { class: "verdict" }, sentence));
  const facts = el("div", { class: "facts" });
  for (const fact of DATA.facts) {
    const button = el("button", { type: "button", "aria-describedby": "tip-" + fact.name }, fact.shown);
    copied(button, String(fact.value));
    const tip = el("span", { class: "tip", id: "tip-" + fact.name, role: "tooltip" }, fact.meaning);
    if (fact.formula) tip.append(el("br"), el("code", {}, "= " + fact.formula));
    tip.append(el("br"), el("code", {}, fact.name + " = " + fact.value));
    facts.append(el("div", { class: "fact" }, el("span", { class: "name" }, fact.label), button, tip));
  }
  place.append(facts);
}

function heatMaps() {
  if (!DATA.maps.length) return;
  const place = section("maps", "On the chip");
  const kinds = ["pe", "link"].filter(kind => DATA.metrics.some(one => one.of === kind));
  const choices = kinds.map(kind => {
    const choice = el("select", { id: "metric-" + kind, "aria-label": kind === "pe" ? "what is shown of PEs" : "what is shown of links" });
    DATA.metrics.forEach((one, i) => { if (one.of === kind) choice.append(el("option", { value: i }, one.label)); });
    return choice;
  });
  const slider = el("input", { id: "step", type: "range", min: 0, max: 0, value: 0, "aria-label": "step" });
  const said = el("output", { id: "said", for: "step" });
  const chosen = el("select", { id: "chip", "aria-label": "which chip" });
  DATA.maps.forEach((chip, i) => chosen.append(el("option", { value: i }, chip.name)));
  if (DATA.maps.length > MOST_CHIPS) choices.push(chosen);
  const maps = el("div"), worst = el("div", { id: "worst" });
  place.append(el("div", { class: "controls" }, ...choices, slider, said), maps, worst);
  const show = () => {
    const metrics = choices.filter(choice => choice !== chosen).map(choice => DATA.metrics[choice.value]);
    slider.max = Math.max(...metrics.map(one => one.frames.length)) - 1;
    const frames = metrics.map(one => one.frames[Math.min(slider.value, one.frames.length - 1)]);
    said.textContent = frames.reduce((a, b) => b.label === "the whole run" ? a : b).label;
    const chips = DATA.maps.length > MOST_CHIPS ? [DATA.maps[chosen.value]] : DATA.maps;
    maps.replaceChildren(...chips.map(chip => el("div", { class: "row" }, ...metrics.map((one, i) => chipMap(chip, one, frames[i], ceiling(one))))));
    worst.replaceChildren(...metrics.map((one, i) => el("div", {}, `${one.label}, highest: ${highest(one, frames[i])}`)));
  };
  for (const control of [...choices, slider]) control.addEventListener("input", show);
  show();
}
function ceiling(metric) {
  if (metric.of === "pe" && metric.unit === "%") return 100;
  return metric.frames.reduce((most, each) => each.values.reduce((m, v) => Math.max(m, v ?? 0), most), 0) || 1;
}
function highest(metric, frame) {
  const names = DATA[metric.of === "pe" ? "pes" : "links"];
  const order = frame.values.map((value, i) => [value ?? -1, names[i].name]).sort((a, b) => b[0] - a[0]).slice(0, 4);
  return order.map(([value, name]) => `${name} ${short(value)} ${metric.unit}`).join(", ");
}

function chipMap(chip, metric, frame, top) {
  const cell = 46, gap = 14, step = cell + gap, left = 24;
  const width = chip.width * step + left + 10, height = chip.height * step + 56;
  const svg = canvas(width, height, `${metric.label} on ${chip.name}, ${frame.label}`);
  const at = (x, y) => [left + (x - chip.x) * step, 8 + (chip.height - 1 - (y - chip.y)) * step];
  for (const site of chip.sites) {
    const [x, y] = at(site.x, site.y);
    svg.append(titled(draw("rect", { x, y, width: cell, height: cell, rx: 5, fill: "var(--empty)" }), site.name));
  }
  const items = metric.of === "pe" ? chip.pes : chip.links;
  for (const i of items) {
    const value = frame.values[i];
    const shape = metric.of === "pe" ? peShape(DATA.pes[i], at, cell) : linkShape(DATA.links[i], at, cell, gap);
    if (!shape) continue;
    const fill = value === null ? "none" : colour(value / top);
    shape.setAttribute("fill", fill);
    shape.setAttribute("stroke", "var(--line)");
    const name = (metric.of === "pe" ? DATA.pes : DATA.links)[i].name;
    svg.append(titled(shape, `${name}: ${short(value)} ${metric.unit}`));
  }
  scaleBar(svg, left, height, top, metric.unit, chip.name);
  return el("div", {}, svg);
}
function scaleBar(svg, left, height, top, unit, name) {
  for (let i = 0; i <= 100; i++)
    svg.append(draw("rect", { x: left + i * 1.6, y: height - 34, width: 1.8, height: 10, fill: colour(i / 100) }));
  svg.append(draw("text", { x: left, y: height - 8 }, "0"));
  svg.append(draw("text", { x: left + 162, y: height - 8, "text-anchor": "end" }, `${short(top)} ${unit}`));
  svg.append(draw("text", { x: left + 175, y: height - 25, class: "soft" }, name));
}
function peShape(pe, at, cell) {
  const [x, y] = at(pe.x, pe.y), across = Math.ceil(Math.sqrt(pe.of)), size = (cell - 2) / across;
  return draw("rect", { x: x + 1 + (pe.core % across) * size, y: y + 1 + Math.floor(pe.core / across) * size,
    width: size - 2, height: size - 2, rx: 3 });
}
function linkShape(link, at, cell, gap) {
  if (link.fx === null && link.tx === null) return null;
  const [x, y] = link.fx === null ? at(link.tx, link.ty) : at(link.fx, link.fy), half = cell / 2;
  if (link.fx === null || link.tx === null) {
    const n = link.lane, out = link.tx === null;
    return draw("rect", { x: x + 4 + (n % 5) * 8, y: y + (out ? cell - 14 : 4), width: 6, height: 10, rx: 2 });
  }
  const dx = Math.sign(link.tx - link.fx), dy = -Math.sign(link.ty - link.fy);
  const far = Math.max(Math.abs(link.tx - link.fx), Math.abs(link.ty - link.fy)) > 1;
  const length = gap / 2 + (far ? 5 : 0), side = 7, sx = x + half + dx * half, sy = y + half + dy * half;
  const reach = far ? length : gap, ax = sx - dy * side, ay = sy + dx * side, bx = ax + dx * reach, by = ay + dy * reach;
  const across = dx !== 0 ? [0, 4] : [4, 0];
  return draw("rect", { x: Math.min(ax, bx) - across[0], y: Math.min(ay, by) - across[1],
    width: Math.abs(bx - ax) + 2 * across[0], height: Math.abs(by - ay) + 2 * across[1], rx: 1.5 });
}

function board() {
  const chips = DATA.board ? DATA.board.chips : [], links = DATA.board ? DATA.board.links : [];
  if (!links.length) return;
  // East, north-east and north are the neighbours of a chip: leaning rows make all of them equally far.
  const apart = 74, flat = chips.map(one => [(one.x - one.y / 2) * apart, -one.y * apart * Math.sqrt(3) / 2]);
  const [left, up] = [0, 1].map(axis => Math.min(...flat.map(one => one[axis])) - 34);
  const spots = flat.map(([x, y]) => [x - left, y - up]);
  const width = Math.max(260, ...spots.map(one => one[0] + 34)), height = Math.max(...spots.map(one => one[1])) + 80;
  const svg = canvas(width, height, "traffic between chips"), top = Math.max(1, ...links.map(one => one.packets));
  for (const one of links) {
    const [x1, y1] = spots[one.source_chip], [x2, y2] = spots[one.target_chip], far = Math.hypot(x2 - x1, y2 - y1) || 1;
    const [dx, dy] = [4 * (y2 - y1) / far, -4 * (x2 - x1) / far], round = far > 1.6 * apart;
    if (round && !one.packets) continue;
    const line = { x1: x1 + dx, y1: y1 + dy, x2: x2 + dx, y2: y2 + dy, opacity: round ? 0.4 : 1 }, wide = round ? 1.5 : 5;
    svg.append(draw("line", { ...line, stroke: "var(--line)", "stroke-width": wide + 1.5 }));
    svg.append(titled(draw("line", { ...line, stroke: colour(one.packets / top), "stroke-width": wide }), `${one.name}: ${short(one.packets)} packets, in use ${short(one.used)} %`));
  }
  chips.forEach((chip, i) => {
    const [x, y] = spots[i], held = "units" in chip ? `${short(chip.units)} units on ${chip.pes_used} PEs, ` : "";
    const told = `${chip.name}: ${held}packets in ${short(chip.packets_in)}, out ${short(chip.packets_out)}`;
    svg.append(titled(draw("circle", { cx: x, cy: y, r: 19, fill: "var(--card)", stroke: "var(--soft)" }), told));
    svg.append(draw("text", { x, y: y + 4, "text-anchor": "middle", "pointer-events": "none" }, i));
  });
  scaleBar(svg, 10, height, top, "packets", "");
  section("board", "Between chips").append(svg);
}

function bars(title, unit, items, limit = null) {
  const line = 22, left = Math.max(104, 12 + 7 * Math.max(...items.map(one => one.name.length))), width = left + 296, top = Math.max(limit ?? 0, ...items.map(one => one.value)) || 1;
  const svg = canvas(width, items.length * line + 24, title);
  items.forEach((one, i) => {
    const long = (width - left - 104) * one.value / top;
    svg.append(draw("text", { x: left - 8, y: i * line + 15, "text-anchor": "end" }, one.name));
    svg.append(titled(draw("rect", { x: left, y: i * line + 3, width: Math.max(1, long), height: 15, rx: 3, fill: one.colour || SERIES[0] }), `${one.name}: ${one.value} ${unit}`));
    const told = one.shown || `${short(one.value)} ${unit}`;
    if (limit && long > 90) svg.append(draw("text", { x: left + long - 6, y: i * line + 15, "text-anchor": "end", style: "fill:#fff" }, told));
    else svg.append(draw("text", { x: left + long + 6, y: i * line + 15, class: "soft" }, told));
  });
  if (limit) {
    const x = left + (width - left - 104) * limit / top;
    svg.append(draw("line", { x1: x, x2: x, y1: 0, y2: items.length * line, stroke: "var(--warn)", "stroke-width": 2, "stroke-dasharray": "5 4" }));
    svg.append(draw("text", { x, y: items.length * line + 16, "text-anchor": "middle" }, `limit ${short(limit)} ${unit}`));
  }
  return el("div", {}, el("h3", {}, title), svg);
}

function histogram(one) {
  const width = 560, height = 176, left = 50, bottom = 30, most = Math.max(1, ...one.counts);
  const svg = canvas(width, height, one.title), wide = (width - left - 20) / one.counts.length, low = one.edges[0], high = one.edges[one.edges.length - 1];
  one.counts.forEach((count, i) => {
    const tall = (height - bottom - 14) * count / most;
    svg.append(titled(draw("rect", { x: left + i * wide, y: height - bottom - tall, width: Math.max(1, wide - 1), height: tall, fill: SERIES[0] }),
      `${short(one.edges[i])} to ${short(one.edges[i + 1])} ${one.unit}: ${short(count)}`));
  });
  svg.append(draw("line", { x1: left, x2: width - 20, y1: height - bottom, y2: height - bottom, class: "axis" }));
  svg.append(draw("text", { x: left, y: height - 12 }, short(low)), draw("text", { x: width - 20, y: height - 12, "text-anchor": "end" }, `${short(high)} ${one.unit}`));
  svg.append(draw("text", { x: left - 6, y: 16, "text-anchor": "end", class: "soft" }, short(most)));
  one.marks.forEach(([name, value]) => {
    const x = left + (width - left - 20) * (high > low ? (value - low) / (high - low) : 0.5);
    svg.append(titled(draw("line", { x1: x, x2: x, y1: 6, y2: height - bottom, stroke: SERIES[1], "stroke-width": 1.5, "stroke-dasharray": "4 3" }), `${name} ${short(value)} ${one.unit}`));
  });
  const said = one.marks.map(([name, value]) => `${name} ${short(value)} ${one.unit}`).join(" · ");
  return el("div", {}, el("h3", {}, one.title), svg, el("div", { class: "legend" }, said));
}

function distributions() {
  if (!DATA.histograms.length) return;
  const row = el("div", { class: "row" });
  row.append(...DATA.histograms.map(histogram));
  section("distributions", "How times are spread").append(row);
}

function resources() {
  const shown = DATA.bars.filter(one => one.items.length);
  if (!shown.length) return;
  const row = el("div", { class: "row" });
  row.append(...shown.map(one => bars(one.title, one.unit, one.items, one.limit)));
  section("resources", "Energy and memory").append(row);
}

function ribbon() {
  if (!DATA.path.length) return;
  const place = section("path", "Critical path");
  const choice = el("select", { id: "pathstep", "aria-label": "whose path" });
  DATA.path.forEach((one, i) => choice.append(el("option", { value: i }, one.name)));
  const space = el("div"), said = el("p", { class: "verdict", id: "verdict" });
  place.append(el("div", { class: "controls" }, choice), said, space);
  const show = () => {
    const one = DATA.path[choice.value], first = one.spans[0].start, whole = one.spans[one.spans.length - 1].end - first || 1;
    const svg = canvas(1100, 64, "critical path of " + one.name), sums = {};
    for (const span of one.spans) {
      sums[span.part] = (sums[span.part] || 0) + span.end - span.start;
      svg.append(titled(draw("rect", { x: 1100 * (span.start - first) / whole, y: 4, width: Math.max(0.4, 1100 * (span.end - span.start) / whole),
        height: 34, fill: HUES[span.part] }), `${span.unit}: ${span.activity}, ${short((span.end - span.start) / 1e6)} us from ${short(span.start / 1e6)} us`));
    }
    svg.append(draw("text", { x: 0, y: 56 }, `${short(first / 1e6)} us`), draw("text", { x: 1100, y: 56, "text-anchor": "end" }, `${short((first + whole) / 1e6)} us`));
    const legend = el("div", { class: "legend" });
    for (const [part, time] of Object.entries(sums).sort((a, b) => b[1] - a[1]))
      legend.append(el("span", {}, el("span", { class: "key", style: `background:${HUES[part]}` }), `${part} ${short(100 * time / whole)} % (${short(time / 1e6)} us)`));
    said.textContent = one.verdict;
    space.replaceChildren(svg, legend);
  };
  choice.addEventListener("change", show);
  show();
}

function curves() {
  const names = [...new Set((DATA.panels || []).flatMap(panel => panel.curves.map(one => one.name)))];
  const hueOf = one => SERIES[names.indexOf(one.name) % SERIES.length];
  for (const panel of DATA.panels || []) {
    const place = section("panel-" + panel.y, `${panel.y}${panel.unit ? ` [${panel.unit}]` : ""} against ${panel.x}`), width = 760, height = 340, left = 70, bottom = 50;
    const all = panel.curves.flatMap(one => one.points), svg = canvas(width, height, panel.y);
    const words = all.some(p => typeof p.x === "string"), kinds = [...new Set(all.map(p => p.x))];
    const across = p => words ? kinds.indexOf(p.x) : p.x, xs = all.map(across), ys = all.flatMap(p => [p.y - p.half, p.y + p.half]);
    const low = Math.min(...xs), high = Math.max(...xs), ymin = panel.log_y ? Math.min(...all.map(p => p.y)) : Math.min(0, ...ys), ymax = Math.max(...ys) || 1;
    const share = (v, from, to, log) => log ? Math.log(Math.max(v, from) / from) / (Math.log(to / from) || 1) : (v - from) / (to - from || 1);
    const X = v => left + (width - left - 20) * (high > low ? share(v, low, high, panel.log_x && low > 0) : 0.5), Y = v => height - bottom - (height - bottom - 20) * share(v, ymin, ymax, panel.log_y);
    for (let i = 0; i <= 4; i++) {
      const v = panel.log_y ? ymin * (ymax / ymin) ** (i / 4) : ymin + (ymax - ymin) * i / 4;
      svg.append(draw("line", { x1: left, x2: width - 20, y1: Y(v), y2: Y(v), class: "axis" }), draw("text", { x: left - 6, y: Y(v) + 4, "text-anchor": "end" }, short(v)));
    }
    let before = -Infinity;
    (words ? kinds : [...new Set(xs)].sort((a, b) => a - b)).forEach((v, i) => {
      const x = X(words ? i : v);
      if (x - before < 46) return;
      before = x;
      svg.append(draw("text", { x: X(words ? i : v), y: height - bottom + 18, "text-anchor": "middle" }, short(v)));
    });
    svg.append(draw("text", { x: (left + width) / 2, y: height - 8, "text-anchor": "middle", class: "soft" }, panel.x));
    for (const mark of panel.marks) {
      svg.append(titled(draw("line", { x1: X(mark.x), x2: X(mark.x), y1: 20, y2: height - bottom, stroke: "var(--warn)", "stroke-width": 1.5, "stroke-dasharray": "5 4", class: "knee" }), mark.text));
      svg.append(draw("text", { x: X(mark.x) - 5, y: 16, "text-anchor": "end", class: "soft" }, mark.text));
    }
    panel.curves.forEach(one => {
      const hue = hueOf(one), sorted = [...one.points].sort((a, b) => across(a) - across(b));
      svg.append(draw("polyline", { points: sorted.map(p => `${X(across(p))},${Y(p.y)}`).join(" "), fill: "none", stroke: hue, "stroke-width": 2 }));
      for (const p of sorted) {
        if (p.half) svg.append(draw("line", { x1: X(across(p)), x2: X(across(p)), y1: Y(p.y - p.half), y2: Y(p.y + p.half), stroke: hue, "stroke-width": 2 }));
        svg.append(titled(draw("circle", { cx: X(across(p)), cy: Y(p.y), r: 4.5, fill: hue }), `${one.name} ${short(p.x)}: ${short(p.y)} ± ${short(p.half)}`));
      }
    });
    const legend = el("div", { class: "legend" });
    panel.curves.forEach(one => legend.append(el("span", {}, el("span", { class: "key", style: `background:${hueOf(one)}` }), one.name || panel.y)));
    place.append(svg, legend, el("p", { class: "soft" }, panel.meaning));
  }
}
