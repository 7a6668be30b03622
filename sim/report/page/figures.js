"use strict";
// Distributions with their tails, bars against a limit, the critical path as a ribbon, the curves of a study.
function distribution(one) {
  const low = one.edges[0], high = one.edges[one.edges.length - 1], x = { low, high, name: `${one.title} [${one.unit}]` };
  const said = one.marks.map(([name, value]) => `${name} ${short(value)} ${one.unit}`);
  const counts = figure(`${one.title}: how often`, width => {
    const box = { left: 58, top: 34, width: width - 72, height: 136 }, svg = canvas(width, 208, `${one.title}, ${said.join(", ")}`);
    const [X, Y] = axes(svg, box, x, { low: 0, high: Math.max(1, ...one.counts), whole: true, name: one.what });
    one.counts.forEach((count, i) => {
      const left = X(one.edges[i]), right = one.counts.length > 1 ? X(one.edges[i + 1]) : left + 8;
      if (count) svg.append(titled(draw("rect", { x: left, y: Y(count), width: Math.max(1, right - left - 1), height: box.top + box.height - Y(count), fill: SERIES[0] }),
        `${short(one.edges[i])} to ${short(one.edges[i + 1])} ${one.unit}: ${short(count)} ${one.what}`));
    });
    markers(svg, box, X, one.marks.map(([name, value]) => [value, name, `${name} ${short(value)} ${one.unit}`]));
    return svg;
  }, () => [["from", "to", one.what], one.counts.map((count, i) => [one.edges[i], one.edges[i + 1], count])]);
  counts.append(el("div", { class: "legend" }, `${one.number.toLocaleString("en")} ${one.what}: ${said.join(" · ")}`));
  return [counts, ...(one.tail.length > 1 ? [tail(one, x)] : [])];
}
function tail(one, x) {
  return figure(`${one.title}: share that takes longer`, width => {
    const box = { left: 58, top: 34, width: width - 72, height: 136 }, svg = canvas(width, 208, `tail of ${one.title}`);
    const least = 10 ** Math.floor(Math.log10(one.tail[one.tail.length - 1][1]));
    const [X, Y] = axes(svg, box, x, { low: least, high: 1, log: true, name: "share, logarithmic", say: v => `${short(100 * v)} %` });
    let path = `M${X(x.low)},${Y(1)}`;
    for (const [value, share] of one.tail) path += `H${X(value)}V${Y(share)}`;
    svg.append(draw("path", { d: `${path}H${X(x.high)}V${Y(least)}`, fill: "none", stroke: SERIES[0], "stroke-width": 2 }));
    const wanted = Math.ceil(one.tail.length / 60);
    one.tail.forEach(([value, share], i) => {
      if (i % wanted === 0) svg.append(titled(draw("circle", { cx: X(value), cy: Y(share), r: 5, fill: SERIES[0], "fill-opacity": 0.01 }),
        `${short(100 * share)} % of ${one.what} take longer than ${short(value)} ${one.unit}`));
    });
    return svg;
  }, () => [[one.unit, "share that takes longer"], one.tail]);
}
function distributions() {
  if (!DATA.histograms.length) return;
  const place = section("distributions", "How times are spread");
  for (const one of DATA.histograms) place.append(el("div", { class: "row" }, ...distribution(one)));
}

function bars(title, unit, items, limit = null) {
  const top = Math.max(limit ?? 0, ...items.map(one => one.value)) || 1, say = one => one.shown || `${short(one.value)} ${unit}`;
  const rest = Math.max(...items.map(one => say(one).length)) * 6.6 + 12;
  return figure(title, width => {
    const left = Math.min(width / 3, 12 + 7 * Math.max(...items.map(one => one.name.length))), line = 22;
    const room = Math.max(30, width - left - (limit ? 40 : rest)), svg = canvas(width, items.length * line + 26, title);
    items.forEach((one, i) => {
      const long = room * one.value / top, told = say(one), inside = limit && long > rest;
      svg.append(draw("text", { x: left - 8, y: i * line + 15, "text-anchor": "end" }, one.name));
      svg.append(titled(draw("rect", { x: left, y: i * line + 3, width: Math.max(1, long), height: 15, rx: 3, fill: SERIES[0] }), `${one.name}: ${told}`));
      svg.append(draw("text", { x: inside ? left + long - 6 : left + long + 6, y: i * line + 15, "text-anchor": inside ? "end" : "start", ...(inside ? { style: "fill:#fff" } : { class: "soft" }) }, told));
    });
    if (limit) {
      const x = left + room * limit / top;
      svg.append(draw("line", { x1: x, x2: x, y1: 0, y2: items.length * line, stroke: "var(--warn)", "stroke-width": 2, "stroke-dasharray": "5 4" }));
      svg.append(draw("text", { x: Math.min(x, width - 4), y: items.length * line + 16, "text-anchor": "end" }, `limit ${short(limit)} ${unit}`));
    }
    return svg;
  }, () => [["name", unit], items.map(one => [one.name, one.value])]);
}
function resources() {
  const shown = DATA.bars.filter(one => one.items.length);
  if (!shown.length) return;
  section("resources", "Energy and memory").append(el("div", { class: "row" }, ...shown.map(one => bars(one.title, one.unit, one.items, one.limit))));
}

function ribbon() {
  if (!DATA.path.length) return;
  const place = section("path", "Critical path", "The chain of causes that ends at the last instant: what the time was spent on, with nothing left over.");
  const choice = el("select", { id: "pathstep", "aria-label": "whose path" });
  DATA.path.forEach((one, i) => choice.append(el("option", { value: i }, one.name)));
  const said = el("p", { class: "verdict", id: "verdict" }), legend = el("div", { class: "legend" }), more = el("div", { class: "row" });
  const band = figure("", width => band_of(DATA.path[choice.value], width));
  place.append(el("div", { class: "controls" }, choice), said, band, legend, more);
  const show = () => {
    const one = DATA.path[choice.value], whole = Object.values(one.parts).reduce((a, b) => a + b, 0) || 1;
    said.textContent = one.verdict;
    legend.replaceChildren(...Object.entries(one.parts).sort((a, b) => b[1] - a[1]).map(([part, time]) =>
      el("span", {}, el("span", { class: "key", style: `background:${HUES[part]}` }), `${part} ${short(100 * time / whole)} % (${short(time / 1e6)} us)`)));
    const units = { name: "", columns: ["unit", "doing", "part", "us", "%"].map(name => ({ name, unit: "", meaning: "" })), rows: one.units.map(([unit, what, part, time]) => [unit, what, part, time / 1e6, 100 * time / whole]) };
    const ahead = Object.entries(one.ahead).map(([change, time]) => [change, time / 1e6, whole / Math.max(1, time)]);
    const guesses = { name: "", columns: ["what if", "us", "times as fast"].map(name => ({ name, unit: "", meaning: "" })), rows: ahead };
    more.replaceChildren(el("div", {}, el("h3", {}, "longest on the path"), el("div", { class: "scroll" }, sortable(units))));
    if (ahead.length) more.append(el("div", {}, el("h3", {}, "what the path predicts (trace.py --what-if runs it)"), el("div", { class: "scroll" }, sortable(guesses))));
    band.redraw();
  };
  choice.addEventListener("change", show);
  show();
}
function band_of(one, width) {
  const first = one.spans[0].start, whole = one.spans[one.spans.length - 1].end - first || 1, svg = canvas(width, 62, "critical path of " + one.name);
  for (const span of one.spans)
    svg.append(titled(draw("rect", { x: width * (span.start - first) / whole, y: 2, width: Math.max(0.4, width * (span.end - span.start) / whole), height: 36, fill: HUES[span.part] }),
      `${span.unit}: ${span.activity}, ${short((span.end - span.start) / 1e6)} us from ${short(span.start / 1e6)} us`));
  svg.append(draw("text", { x: 0, y: 55 }, `${short(first / 1e6)} us`), draw("text", { x: width, y: 55, "text-anchor": "end" }, `${short((first + whole) / 1e6)} us`));
  return svg;
}

function curves() {
  const panels = DATA.panels.filter(panel => panel.curves.some(one => one.points.length));
  if (!panels.length) return;
  const names = [...new Set(panels.flatMap(panel => panel.curves.map(one => one.name)))], hueOf = one => SERIES[names.indexOf(one.name) % SERIES.length];
  const grid = el("div", { class: "row curves" });
  for (const panel of panels) {
    const rows = panel.curves.flatMap(one => one.points.map(p => [one.name, p.x, p.y, p.half]));
    const told = figure(`${panel.y}${panel.unit ? ` [${panel.unit}]` : ""} against ${panel.x}`, width => plot(panel, width, hueOf), () => [["curve", panel.x, panel.y, "half width of the 95 % interval"], rows]);
    told.append(el("p", { class: "soft" }, panel.meaning));
    if (panel.curves.length > 1)
      told.append(el("div", { class: "legend" }, ...panel.curves.map(one => el("span", {}, el("span", { class: "key", style: `background:${hueOf(one)}` }), one.name || panel.y))));
    grid.append(told);
  }
  section("curves", "Curves", ...(panels.some(panel => panel.curves.some(one => one.points.some(p => p.half))) ? ["Bars are 95 % intervals of the mean over repeated runs."] : [])).append(grid);
}
function plot(panel, width, hueOf) {
  const all = panel.curves.flatMap(one => one.points), box = { left: 74, top: 36, width: width - 94, height: 250 }, svg = canvas(width, 326, `${panel.y} against ${panel.x}`);
  const words = all.some(p => typeof p.x === "string" || typeof p.x === "boolean"), kinds = [...new Set(all.map(p => p.x))];
  const across = p => words ? kinds.indexOf(p.x) : p.x, xs = all.map(across), ends = all.flatMap(p => [p.y - p.half, p.y + p.half]);
  const low = Math.min(...xs), high = Math.max(...xs), highest = Math.max(...ends), log = panel.log_y;
  const x = { low, high, log: panel.log_x && low > 0 && !words, name: panel.x, ticks: words ? kinds.map((_, i) => i) : [...new Set(xs)].sort((a, b) => a - b), say: v => short(words ? kinds[v] : v) };
  const y = { low: log ? Math.min(...all.map(p => p.y)) : Math.min(0, ...ends), high: highest > 0 || log ? highest : 1, log, name: `${panel.y}${panel.unit ? ` [${panel.unit}]` : ""}${log ? ", logarithmic" : ""}` };
  const [X, Y] = axes(svg, box, x, y);
  markers(svg, box, X, panel.marks.map(mark => [mark.x, mark.text, mark.text]));
  for (const one of panel.curves) {
    const hue = hueOf(one), sorted = [...one.points].sort((a, b) => across(a) - across(b));
    svg.append(draw("polyline", { points: sorted.map(p => `${X(across(p))},${Y(p.y)}`).join(" "), fill: "none", stroke: hue, "stroke-width": 2 }));
    for (const p of sorted) {
      const at = X(across(p));
      if (p.half) svg.append(draw("path", { d: `M${at - 4},${Y(p.y - p.half)}h8m-4,0V${Y(p.y + p.half)}m-4,0h8`, fill: "none", stroke: hue, "stroke-width": 1.6 }));
      svg.append(titled(draw("circle", { cx: at, cy: Y(p.y), r: 4.5, fill: hue }), `${one.name ? `${one.name}, ` : ""}${panel.x} ${short(p.x)}: ${short(p.y)}${p.half ? ` ± ${short(p.half)}` : ""} ${panel.unit || ""}`));
    }
  }
  return svg;
}

function tornadoes() {
  if (!DATA.tornadoes.length) return;
  const place = section("sensitivity", "What the numbers hang on", "Each parameter goes to both ends of its range, alone; the band is where the number lies when many are drawn at once.");
  for (const one of DATA.tornadoes) {
    const rows = one.bars.map(bar => [bar.parameter, bar.low, bar.high, bar.at_low, bar.at_high]), band = one.band;
    const drawn = figure(`${one.name}${one.unit ? ` [${one.unit}]` : ""}: ${short(one.base)} as described`, width => tornado(one, width), () => [["parameter", "low", "high", "at low", "at high"], rows]);
    const told = [`${one.left_out} more parameters move it less, or not at all`];
    if (band) told.unshift(`${band.draws} draws: 5 % ${short(band.p5)}, half ${short(band.p50)}, 95 % ${short(band.p95)}`);
    drawn.append(el("div", { class: "legend" }, ...[["at the low end", SERIES[0]], ["at the high end", SERIES[1]]].map(([name, hue]) => el("span", {}, el("span", { class: "key", style: `background:${hue}` }), name))), el("p", { class: "soft" }, told.join("; ")));
    place.append(drawn);
  }
}
function tornado(one, width) {
  const longest = Math.max(8, ...one.bars.map(bar => bar.parameter.length)), narrow = width < 620, line = narrow ? 40 : 24;
  const left = narrow ? 8 : 7 * longest + 14, box = { left, top: 20, width: width - left - 16, height: Math.max(1, one.bars.length) * line };
  const svg = canvas(width, box.height + 64, `what ${one.name} hangs on`), ends = one.bars.flatMap(bar => [bar.at_low, bar.at_high]).filter(v => v !== null);
  const all = [one.base, ...ends, ...(one.band ? [one.band.p5, one.band.p95] : [])], low = Math.min(...all), high = Math.max(...all);
  const [X] = axes(svg, box, { low, high, name: `${one.name} [${one.unit}]` }, { low: 0, high: 1, name: "", ticks: [] });
  if (one.band) svg.append(titled(draw("rect", { x: X(one.band.p5), y: box.top, width: X(one.band.p95) - X(one.band.p5), height: box.height, fill: "var(--empty)" }), `5 % to 95 % of ${one.band.draws} draws: ${short(one.band.p5)} to ${short(one.band.p95)} ${one.unit}`));
  one.bars.forEach((bar, i) => {
    const y = box.top + i * line + (narrow ? 19 : 4), says = narrow ? { x: left, y: y - 5 } : { x: left - 8, y: y + 12, "text-anchor": "end" };
    svg.append(draw("text", says, bar.parameter));
    for (const [end, at, hue] of [["low", bar.at_low, SERIES[0]], ["high", bar.at_high, SERIES[1]]]) {
      if (at === null) continue;
      const from = Math.min(X(at), X(one.base)), long = Math.abs(X(at) - X(one.base));
      svg.append(titled(draw("rect", { x: from, y, width: Math.max(1, long), height: 15, fill: hue }), `${bar.parameter} = ${short(bar[end])}: ${short(at)} ${one.unit}, ${short(100 * (at / one.base - 1))} %`));
    }
  });
  svg.append(draw("line", { x1: X(one.base), x2: X(one.base), y1: box.top, y2: box.top + box.height, stroke: "var(--ink)", "stroke-dasharray": "4 3" }));
  return svg;
}
