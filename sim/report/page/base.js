"use strict";
// What every part of the page is made with. The data are the JSON beside this; nobody else is asked for anything.
const DATA = JSON.parse(document.getElementById("data").textContent);
const MAIN = document.getElementById("main");
// A scale like cividis, and the colours of Okabe and Ito: told apart by people of any colour vision.
const SCALE = ["#00224e", "#233e6c", "#4a5469", "#6b6c71", "#8a8678", "#aaa071", "#cdbb61", "#f0d746", "#fee838"];
const HUES = { compute: "#0072b2", network: "#e69f00", dram: "#009e73", link: "#cc79a7", sync: "#d55e00", host: "#56b4e9", other: "#8c8c8c" };
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
// A shape that can be asked what it is: by pointing at it, by tapping it, or with the arrow keys.
function titled(shape, text) { shape.append(draw("title", {}, text)); shape.classList.add("mark"); return shape; }
function section(id, title, ...notes) {
  const made = el("section", { id, "aria-label": title }, el("h2", {}, title), ...notes.map(one => el("p", { class: "soft" }, one)));
  MAIN.append(made);
  return made;
}
function short(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (Number.isSafeInteger(value)) return value.toLocaleString("en");
  const size = Math.abs(value);
  if (size >= 1e4 && size < 1e6) return Math.round(value).toLocaleString("en");
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(3).replace(/\.?0+e/, "e") : String(parseFloat(value.toPrecision(4)));
}
function colour(share) {
  const at = Math.max(0, Math.min(1, share)) * (SCALE.length - 1), low = Math.min(SCALE.length - 2, Math.floor(at));
  const parts = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
  const a = parts(SCALE[low]), b = parts(SCALE[low + 1]);
  return `rgb(${a.map((one, i) => Math.round(one + (b[i] - one) * (at - low))).join(",")})`;
}

// Copying, with a word that it was done.
const NEWS = el("div", { id: "news", role: "status" });
document.body.append(NEWS);
let fading = 0;
function copy(text, what) {
  const done = () => { NEWS.textContent = `copied ${what}`; clearTimeout(fading); fading = setTimeout(() => { NEWS.textContent = ""; }, 1800); };
  const byHand = () => {
    const field = el("textarea", { class: "away" });
    field.value = text;
    document.body.append(field);
    field.select();
    if (document.execCommand("copy")) done();
    field.remove();
  };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand); else byHand();
}
function copies(button, text, what) { button.addEventListener("click", () => copy(typeof text === "function" ? text() : text, what)); return button; }
function csv(columns, rows) {
  const cell = v => v === null || v === undefined ? "" : /[",\n]/.test(v) ? `"${String(v).replace(/"/g, '""')}"` : v;
  return [columns, ...rows].map(row => row.map(cell).join(",")).join("\n");
}

// A figure is drawn for the width it has, so that its text is as large on a telephone as on a desk. `make` gets the width.
const FIGURES = [];
function figure(title, make, table = null) {
  const space = el("div", { class: "plot" }), said = el("output", { class: "said" });
  const below = el("div", { class: "below" }, said);
  if (table) below.append(copies(el("button", { type: "button", class: "small" }, "copy data"), () => csv(...table()), title));
  const place = el("figure", {}, ...(title ? [el("figcaption", {}, el("h3", {}, title))] : []), space, below);
  place.redraw = () => {
    const width = Math.floor(place.clientWidth);
    if (width < 40) return;
    place.drawn = width;
    said.textContent = "";
    const made = make(width);
    explore(made, said);
    space.replaceChildren(made);
  };
  FIGURES.push(place);
  return place;
}
function explore(svg, said) {
  const marks = [...svg.querySelectorAll(".mark")];
  if (!marks.length) return;
  let at = -1;
  svg.setAttribute("tabindex", 0);
  const show = i => {
    if (at >= 0) marks[at].classList.remove("at");
    at = (i + marks.length) % marks.length;
    marks[at].classList.add("at");
    said.textContent = marks[at].querySelector("title").textContent;
  };
  const by = { ArrowRight: () => at + 1, ArrowDown: () => at + 1, ArrowLeft: () => Math.max(at, 0) - 1, ArrowUp: () => Math.max(at, 0) - 1, Home: () => 0, End: () => marks.length - 1 };
  svg.addEventListener("keydown", event => { if (by[event.key]) { event.preventDefault(); show(by[event.key]()); } });
  const pointed = event => { const mark = event.target.closest(".mark"); if (mark) show(marks.indexOf(mark)); };
  svg.addEventListener("pointerover", pointed);
  svg.addEventListener("click", pointed);
}
function redrawAll() { for (const one of FIGURES) if (one.isConnected && one.clientWidth !== one.drawn) one.redraw(); }

// Round numbers between two, about so many.
function ticks(low, high, about) {
  if (!(high > low)) return [low];
  const rough = (high - low) / about, size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(one => one * size).find(one => one >= rough * 0.999), found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-12) + 1e-300; i++) found.push(parseFloat((i * step).toPrecision(12)));
  return found;
}
function logTicks(low, high) {
  const between = steps => {
    const found = [];
    for (let i = Math.floor(Math.log10(low)); i <= Math.floor(Math.log10(high) + 1e-9); i++) found.push(...steps.map(one => one * 10 ** i));
    return found.filter(one => one >= low * (1 - 1e-9) && one <= high * (1 + 1e-9));
  };
  return [[1], [1, 2, 5]].map(between).find(one => one.length > 2) || [low, high];
}
// Two axes with names and units; gives back where a value is.
function axes(svg, box, x, y) {
  const share = (v, axis) => axis.log ? Math.log(Math.max(v, axis.low) / axis.low) / (Math.log(axis.high / axis.low) || 1) : (v - axis.low) / (axis.high - axis.low || 1);
  const X = v => box.left + box.width * (x.high > x.low ? share(v, x) : 0.5), Y = v => box.top + box.height * (1 - share(v, y));
  const rows = y.ticks || (y.log ? logTicks(y.low, y.high) : ticks(y.low, y.high, 4).filter(v => !y.whole || Number.isInteger(v)));
  for (const v of rows) {
    svg.append(draw("line", { x1: box.left, x2: box.left + box.width, y1: Y(v), y2: Y(v), class: "axis" }));
    svg.append(draw("text", { x: box.left - 6, y: Y(v) + 4, "text-anchor": "end", class: "tick" }, y.say ? y.say(v) : short(v)));
  }
  let before = -Infinity;
  for (const v of x.ticks || ticks(x.low, x.high, Math.max(2, Math.floor(box.width / 90)))) {
    const text = x.say ? x.say(v) : short(v), half = 3.6 * text.length;
    if (X(v) - half < before + 8) continue;
    before = X(v) + half;
    svg.append(draw("line", { x1: X(v), x2: X(v), y1: box.top + box.height, y2: box.top + box.height + 4, class: "axis" }));
    svg.append(draw("text", { x: X(v), y: box.top + box.height + 17, "text-anchor": "middle", class: "tick" }, text));
  }
  svg.append(draw("text", { x: box.left + box.width / 2, y: box.top + box.height + 34, "text-anchor": "middle", class: "soft" }, x.name));
  svg.append(draw("text", { x: 0, y: 12, class: "soft" }, y.name));
  return [X, Y];
}
// Lines at values, each with its name where there is room for it; all can be asked.
function markers(svg, box, X, marks) {
  let before = [-Infinity, -Infinity];
  for (const [value, name, text] of [...marks].sort((a, b) => a[0] - b[0])) {
    const x = X(value), late = x > box.left + box.width / 2, wide = 7 * name.length + 6, [from, to] = late ? [x - wide, x] : [x, x + wide];
    svg.append(titled(draw("line", { x1: x, x2: x, y1: box.top - 4, y2: box.top + box.height, stroke: "var(--warn)", "stroke-width": 1.5, "stroke-dasharray": "4 3" }), text));
    if (from < before[1]) continue;
    before = [from, to];
    svg.append(draw("text", { x: x + (late ? -4 : 4), y: box.top - 6, "text-anchor": late ? "end" : "start", class: "soft" }, name));
  }
}
