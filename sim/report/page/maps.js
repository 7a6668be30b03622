"use strict";
// Chips as they lie: what PEs and links did, step by step; and chips on their board with what went between them.
const MOST_CHIPS = 3;

function heatMaps() {
  if (!DATA.maps.length) return;
  const place = section("maps", DATA.maps.length > 1 ? "On the chips" : "On the chip");
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
  const many = DATA.maps.length > MOST_CHIPS, stepwise = Math.max(...DATA.metrics.map(one => one.frames.length)) > 1;
  if (many) chosen.value = busiestChip(DATA.metrics[0]);
  const metrics = () => choices.map(choice => DATA.metrics[choice.value]);
  const frame = one => one.frames[Math.min(slider.value, one.frames.length - 1)];
  const maps = (many ? [null] : DATA.maps).map(chip => el("div", { class: "row" }, ...choices.map((_, i) => figure("", width => {
    const metric = metrics()[i];
    return chipMap(chip || DATA.maps[chosen.value], metric, frame(metric), ceiling(metric), width);
  }))));
  const worst = el("div", { id: "worst" });
  place.append(el("div", { class: "controls" }, ...choices, ...(many ? [chosen] : []), ...(stepwise ? [slider, said] : [])), ...maps, worst);
  const show = () => {
    slider.max = Math.max(...metrics().map(one => one.frames.length)) - 1;
    said.textContent = metrics().map(frame).reduce((a, b) => b.label === "the whole run" ? a : b).label;
    for (const row of maps) for (const one of row.children) one.redraw();
    worst.replaceChildren(...metrics().map(one => el("div", {}, `${one.label}, highest: ${highest(one, frame(one))}`)));
  };
  for (const control of [...choices, slider, chosen]) control.addEventListener("input", show);
  show();
}
function busiestChip(metric) {
  const values = metric.frames[0].values, most = chip => Math.max(0, ...chip[metric.of === "pe" ? "pes" : "links"].map(i => values[i] ?? 0));
  return DATA.maps.reduce((best, chip, i) => most(chip) > most(DATA.maps[best]) ? i : best, 0);
}
function ceiling(metric) {
  if (metric.of === "pe" && metric.unit === "%") return 100;
  return metric.frames.reduce((most, each) => each.values.reduce((m, v) => Math.max(m, v ?? 0), most), 0) || 1;
}
function highest(metric, frame) {
  const names = DATA[metric.of === "pe" ? "pes" : "links"];
  const order = frame.values.map((value, i) => [value ?? -1, names[i].name]).sort((a, b) => b[0] - a[0]).filter(one => one[0] > 0).slice(0, 4);
  return order.map(([value, name]) => `${name} ${short(value)} ${metric.unit}`).join(", ") || "none";
}

function chipMap(chip, metric, frame, top, width) {
  const left = 24, step = Math.max(9, Math.min(62, (width - left - 6) / chip.width)), cell = 0.77 * step, gap = step - cell;
  const height = chip.height * step + 78, svg = canvas(width, height, `${metric.label} on ${chip.name}, ${frame.label}`);
  const at = (x, y) => [left + (x - chip.x) * step, 22 + (chip.height - 1 - (y - chip.y)) * step];
  svg.append(draw("text", { x: left, y: 12, class: "soft" }, `${metric.label}, ${chip.name}, ${frame.label}`));
  const every = Math.ceil(20 / step);
  for (let i = 0; i < chip.width; i += every) svg.append(draw("text", { x: at(chip.x + i, chip.y)[0] + cell / 2, y: at(0, chip.y)[1] + step + 10, "text-anchor": "middle", class: "tick" }, chip.x + i));
  for (let i = 0; i < chip.height; i += every) svg.append(draw("text", { x: left - 8, y: at(chip.x, chip.y + i)[1] + cell / 2 + 4, "text-anchor": "end", class: "tick" }, chip.y + i));
  for (const site of chip.sites) {
    const [x, y] = at(site.x, site.y);
    svg.append(draw("rect", { x, y, width: cell, height: cell, rx: cell / 9, fill: "var(--empty)" }));
  }
  const all = metric.of === "pe" ? DATA.pes : DATA.links;
  for (const i of metric.of === "pe" ? chip.pes : chip.links) {
    const value = frame.values[i], one = all[i], shape = metric.of === "pe" ? peShape(one, at, cell) : linkShape(one, at, cell, gap);
    if (!shape) continue;
    shape.setAttribute("fill", value === null ? "none" : colour(value / top));
    shape.setAttribute("stroke", "var(--line)");
    svg.append(titled(shape, `${one.name}: ${short(value)} ${metric.unit}`));
  }
  scaleBar(svg, left, height, top, metric.unit);
  return svg;
}
function scaleBar(svg, left, height, top, unit) {
  for (let i = 0; i <= 100; i++)
    svg.append(draw("rect", { x: left + i * 1.6, y: height - 32, width: 1.8, height: 10, fill: colour(i / 100) }));
  svg.append(draw("text", { x: left, y: height - 8 }, "0"));
  svg.append(draw("text", { x: left + 162, y: height - 8, "text-anchor": "end" }, `${short(top)} ${unit}`));
}
function peShape(pe, at, cell) {
  const [x, y] = at(pe.x, pe.y), across = Math.ceil(Math.sqrt(pe.of)), size = cell / across, thin = Math.min(1, size / 8);
  return draw("rect", { x: x + (pe.core % across) * size + thin, y: y + Math.floor(pe.core / across) * size + thin,
    width: size - 2 * thin, height: size - 2 * thin, rx: size / 7 });
}
function linkShape(link, at, cell, gap) {
  if (link.fx === null && link.tx === null) return null;
  const [x, y] = link.fx === null ? at(link.tx, link.ty) : at(link.fx, link.fy), half = cell / 2, unit = cell / 46;
  if (link.fx === null || link.tx === null) {
    const n = link.lane, out = link.tx === null;
    return draw("rect", { x: x + (4 + (n % 5) * 8) * unit, y: y + (out ? cell - 14 * unit : 4 * unit), width: 6 * unit, height: 10 * unit, rx: 2 * unit });
  }
  const dx = Math.sign(link.tx - link.fx), dy = -Math.sign(link.ty - link.fy);
  const far = Math.max(Math.abs(link.tx - link.fx), Math.abs(link.ty - link.fy)) > 1;
  const reach = far ? gap / 2 + 5 * unit : gap, side = 7 * unit, wide = 4 * unit;
  const ax = x + half + dx * half - dy * side, ay = y + half + dy * half + dx * side, bx = ax + dx * reach, by = ay + dy * reach;
  const across = dx !== 0 ? [0, wide] : [wide, 0];
  return draw("rect", { x: Math.min(ax, bx) - across[0], y: Math.min(ay, by) - across[1],
    width: Math.abs(bx - ax) + 2 * across[0], height: Math.abs(by - ay) + 2 * across[1], rx: 1.5 });
}

function board() {
  const links = DATA.board ? DATA.board.links : [];
  if (!links.length) return;
  const place = section("board", "Between chips"), busiest = [...links].sort((a, b) => b.packets - a.packets).filter(one => one.packets).slice(0, 4);
  place.append(figure("", boardMap, () => [["link", "packets", "use %"], links.map(one => [one.name, one.packets, one.used])]));
  place.append(el("div", {}, `most packets: ${busiest.map(one => `${one.name} ${short(one.packets)}, in use ${short(one.used)} %`).join("; ") || "none"}`));
}
function boardMap(width) {
  const { chips, links } = DATA.board;
  // East, north-east and north are the neighbours of a chip: leaning rows make all of them equally far.
  const flat = chips.map(one => [one.x - one.y / 2, -one.y * Math.sqrt(3) / 2]), [left, up] = [0, 1].map(axis => Math.min(...flat.map(one => one[axis])));
  const span = Math.max(...flat.map(one => one[0])) - left, apart = Math.max(26, Math.min(78, (width - 60) / (span || 1)));
  const round = 0.26 * apart, edge = round + 8, spots = flat.map(([x, y]) => [(x - left) * apart + edge, (y - up) * apart + edge]);
  const height = Math.max(...spots.map(one => one[1])) + edge + 44, svg = canvas(Math.max(width, Math.max(...spots.map(one => one[0])) + edge), height, "traffic between chips");
  const top = Math.max(1, ...links.map(one => one.packets));
  for (const one of links) {
    const [x1, y1] = spots[one.source_chip], [x2, y2] = spots[one.target_chip], far = Math.hypot(x2 - x1, y2 - y1) || 1;
    const shift = 0.055 * apart, [dx, dy] = [shift * (y2 - y1) / far, -shift * (x2 - x1) / far], closing = far > 1.6 * apart;
    if (closing && !one.packets) continue;
    const line = { x1: x1 + dx, y1: y1 + dy, x2: x2 + dx, y2: y2 + dy, opacity: closing ? 0.4 : 1 }, wide = closing ? 1.5 : 0.068 * apart;
    svg.append(draw("line", { ...line, stroke: "var(--line)", "stroke-width": wide + 1.5 }));
    svg.append(titled(draw("line", { ...line, stroke: colour(one.packets / top), "stroke-width": wide }), `${one.name}: ${short(one.packets)} packets, in use ${short(one.used)} %`));
  }
  chips.forEach((chip, i) => {
    const [x, y] = spots[i], held = "units" in chip ? `${short(chip.units)} units on ${chip.pes_used} PEs, ` : "";
    const told = `${chip.name}: ${held}packets in ${short(chip.packets_in)}, out ${short(chip.packets_out)}`;
    svg.append(titled(draw("circle", { cx: x, cy: y, r: round, fill: "var(--card)", stroke: "var(--soft)" }), told));
    svg.append(draw("text", { x, y: y + 4, "text-anchor": "middle", "pointer-events": "none", style: `font-size:${Math.min(12, round)}px` }, i));
  });
  scaleBar(svg, 4, height, top, "packets");
  return svg;
}
