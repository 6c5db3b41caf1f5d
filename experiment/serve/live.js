"use strict";
// What is new of runs: rows of the list, and the strip and curves of runs.
const data = JSON.parse(document.getElementById("live-data")?.textContent || "null");
const colours = ["--blue", "--red", "--green", "--purple", "--orange", "--sky"];
const dashes = ["", "6 3", "2 3", "8 3 2 3"];
const number = x => x == null ? "–" : Math.abs(x) >= 1e-3 && Math.abs(x) < 1e7 || !x ? Number(x.toPrecision(3)).toLocaleString("en") : x.toExponential(2);
const element = (name, attributes = {}, text) => {
  const e = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  if (text != null) e.textContent = text;
  return e;
};
const duration = s => s < 60 ? `${Math.round(s)} s` : s < 3600 ? `${Math.floor(s / 60)} min ${Math.round(s % 60)} s` :
  s < 48 * 3600 ? `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min` : `${Math.round(s / 86400)} days`;

// ticks of an axis: multiples of 1, 2 or 5 times a power of ten, or powers of ten.
function ticks(lo, hi, log) {
  const out = [];
  if (log && hi / lo >= 10) {
    for (let e = Math.ceil(Math.log10(lo)); 10 ** e <= hi; e++) out.push(10 ** e);
    if (out.length >= 2) return out;
    out.length = 0;
  }
  const rough = (hi - lo) / 4, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([5, 2, 1].find(f => f * power <= rough) || 1);
  for (let i = Math.ceil(lo / step); i * step <= hi; i++) out.push(i * step);
  return out;
}

// label is a tick with as many digits as tell it from the next.
function label(v, i, all) {
  const step = Math.abs(all[Math.max(1, i)] - all[Math.max(1, i) - 1]) || 1;
  if (Math.abs(v) >= 1e7 || v && Math.abs(v) < 1e-3) return v.toExponential(0);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return v.toLocaleString("en", {minimumFractionDigits: digits > 3 ? digits : 0, maximumFractionDigits: digits});
}

// draw puts series {name, points, colour, dash, light} on axes in a box.
function draw(box, series, {log = false, logx = false, percent = false} = {}) {
  const width = Math.max(320, box.clientWidth), height = Math.round(Math.min(420, Math.max(200, width * .38)));
  const [left, right, top, bottom] = [56, 12, 10, 28];
  const ok = ([x, y]) => y != null && (!log || y > 0);
  const all = series.flatMap(s => s.points.filter(ok));
  const svg = element("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": series.map(s => s.name).slice(0, 5).join(", ")});
  box.replaceChildren(svg);
  if (!all.length) return void svg.append(element("text", {x: left, y: height / 2}, "nothing yet"));
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of all) [x0, x1, y0, y1] = [Math.min(x0, x), Math.max(x1, x), Math.min(y0, y), Math.max(y1, y)];
  if (x1 - x0 < 5) x1 = x0 + 5;
  if (y1 === y0) [y0, y1] = log ? [y0 / 1.1, y1 * 1.1] : [y0 - Math.abs(y0) / 10 - 1e-9, y1 + Math.abs(y1) / 10 + 1e-9];
  const f = log ? Math.log : y => y, g = logx ? x => Math.log(1 + x) : x => x;
  const px = x => left + (g(x) - g(x0)) / (g(x1) - g(x0)) * (width - left - right);
  const py = y => height - bottom - (f(y) - f(y0)) / (f(y1) - f(y0)) * (height - top - bottom);
  ticks(y0, y1, log).forEach((y, i, all) => {
    svg.append(element("line", {x1: left, x2: width - right, y1: py(y), y2: py(y)}));
    svg.append(element("text", {x: left - 6, y: py(y) + 4, "text-anchor": "end"}, percent ? +(100 * y).toFixed(2) + "%" : label(y, i, all)));
  });
  for (const x of logx ? ticks(Math.max(1, x0), x1, true) : ticks(x0, x1)) {
    svg.append(element("line", {x1: px(x), x2: px(x), y1: top, y2: height - bottom}));
    svg.append(element("text", {x: px(x), y: height - 10, "text-anchor": "middle"}, number(x)));
  }
  for (const s of series) {
    const points = s.points.filter(ok), style = `stroke: var(${s.colour})`;
    const d = points.map(([x, y], i) => (i ? "L" : "M") + px(x).toFixed(1) + " " + py(y).toFixed(1)).join("");
    svg.append(element("path", {d: points.length === 1 ? d + "h2" : d, style, "stroke-dasharray": s.dash || "none", class: s.light ? "light" : ""}));
  }
  const tip = document.createElement("div"), mark = element("circle", {r: 4, class: "mark"});
  tip.className = "tip";
  svg.addEventListener("pointerleave", () => { tip.remove(); mark.remove(); });
  svg.addEventListener("pointermove", event => {
    const at = svg.getBoundingClientRect(), scale = width / at.width, mx = (event.clientX - at.left) * scale, my = (event.clientY - at.top) * scale;
    let best = Infinity, found;
    for (const s of series) for (const p of s.points) if (ok(p)) {
      const far = (px(p[0]) - mx) ** 2 + (py(p[1]) - my) ** 2;
      if (far < best) [best, found] = [far, [s, p]];
    }
    if (!found) return;
    const [s, p] = found;
    tip.textContent = `${s.name}: ${percent ? (100 * p[1]).toFixed(2) + "%" : number(p[1])} at step ${p[0].toLocaleString("en")}`;
    mark.setAttribute("cx", px(p[0]));
    mark.setAttribute("cy", py(p[1]));
    svg.append(mark);
    box.append(tip);
    tip.style.left = Math.max(0, Math.min(px(p[0]) / scale + 10, box.clientWidth - tip.offsetWidth - 2)) + "px";
    tip.style.top = py(p[1]) / scale + 12 + "px";
  });
}

// keep bounds the points of a curve: pairs are averaged.
function keep(points, more) {
  points.push(...more);
  while (points.length > 1500) {
    const half = [];
    for (let i = 0; i < points.length; i += 2) {
      const [a, b] = [points[i], points[i + 1] || points[i]];
      half.push([b[0], a[1] == null || b[1] == null ? b[1] : (a[1] + b[1]) / 2]);
    }
    points.splice(0, points.length, ...half);
  }
}

const names = ["loss", "train_loss", "test_loss", "accuracy"];
const runs = (data?.runs || []).map(r => ({...r, hidden: false, curves: Object.fromEntries(names.map(n => [n, [...(r.tick[n] || [])]]))}));

// take adds what is new of a run.
function take({i, ...tick}) {
  const run = runs[i];
  if (tick.reset) for (const n of names) run.curves[n] = [];
  for (const n of names) keep(run.curves[n], tick[n] || []);
  if (kind === "run" && tick.reported && !run.tick.reported && data.events) setTimeout(() => location.reload(), 500);
  run.tick = {...tick};
}

const live = document.querySelector(".live"), kind = live?.dataset.kind;

function showRun() {
  const {tick, curves} = runs[0], status = live.querySelector(".status"), state = document.createElement("span");
  state.className = "state " + tick.state;
  state.textContent = tick.state;
  const words = [` at step ${tick.step.toLocaleString("en")}` + (tick.steps ? ` of ${tick.steps.toLocaleString("en")}` : "")];
  if (tick.rate && tick.state === "running") words.push(`${number(tick.rate)} steps/s`);
  if (tick.left != null) words.push(tick.left < 1 ? "training is over, its analysis follows" : `${duration(tick.left)} left`);
  const last = curves.loss.at(-1), tested = curves.accuracy.at(-1);
  if (last) words.push(`minibatch loss ${number(last[1])}`);
  if (tested?.[1] != null) words.push(`test accuracy ${(100 * tested[1]).toFixed(1)}%`);
  status.replaceChildren(state, words.join(", ") + (tick.failure ? ": " + tick.failure : ""));
  const bar = live.querySelector("progress.done");
  bar.hidden = !tick.steps;
  bar.value = tick.steps ? tick.step / tick.steps : 0;
  live.querySelector(".more").textContent = tick.checkpoints?.length ? "Recorded at steps " + tick.checkpoints.map(s => s.toLocaleString("en")).join(", ") : "";
  const lows = [curves.loss, curves.train_loss, curves.test_loss].flat().map(p => p[1]).filter(y => y > 0);
  const series = [
    {name: "loss of the minibatches", points: curves.loss, colour: "--blue", light: true},
    {name: "training loss", points: curves.train_loss, colour: "--blue"},
    {name: "test loss", points: curves.test_loss, colour: "--red", dash: "6 3"},
  ];
  draw(live.querySelector(".chart"), series, {log: lows.length > 0 && Math.max(...lows) / Math.min(...lows) > 10});
  live.querySelector(".legend").replaceChildren(...series.map(s => entry(s, document.createTextNode(s.name))));
}

// entry is a line of a legend.
function entry(look, ...words) {
  const item = document.createElement("li"), swatch = document.createElement("i");
  swatch.style.borderTop = `3px ${look.dash ? "dashed" : "solid"} var(${look.colour})`;
  swatch.style.opacity = look.light ? .4 : 1;
  item.append(swatch, ...words);
  return item;
}

function showOverlay() {
  const what = live.querySelector(".what").value;
  const look = i => ({colour: colours[i % 6], dash: dashes[Math.floor(i / 6) % 4]});
  draw(live.querySelector(".chart"), runs.map((r, i) => ({name: r.name, points: r.hidden ? [] : r.curves[what], ...look(i)})),
    {log: live.querySelector(".log").checked, logx: live.querySelector(".logx").checked, percent: what === "accuracy"});
  live.querySelector(".legend").replaceChildren(...runs.map((r, i) => {
    const link = document.createElement("a"), item = entry(look(i), link, r.tick.state === "done" ? "" : " " + r.tick.state);
    link.href = r.link;
    link.textContent = r.name;
    item.className = r.hidden ? "off" : "";
    item.firstChild.title = "shown or hidden";
    item.firstChild.addEventListener("click", () => { r.hidden = !r.hidden; showOverlay(); });
    return item;
  }));
}

const show = {run: showRun, overlay: showOverlay}[kind];
if (show) {
  show();
  addEventListener("resize", show);
  for (const control of live.querySelectorAll(".what, .log, .logx")) control.addEventListener("change", show);
  if (data.events) {
    const stream = new EventSource(data.events);
    stream.onmessage = event => { JSON.parse(event.data).forEach(take); show(); };
    stream.onerror = () => live.classList.add("away");
    stream.onopen = () => live.classList.remove("away");
  }
}

const body = document.querySelector("[data-changes]");
if (body) {
  const rowOf = id => [...body.rows].find(r => r.dataset.id === id);
  new EventSource(body.dataset.changes).onmessage = event => {
    for (const [id, html] of Object.entries(JSON.parse(event.data))) {
      const before = rowOf(id), holder = document.createElement("tbody");
      holder.innerHTML = html || "";
      const now = holder.rows[0];
      if (before && !now) before.querySelector(".state").replaceChildren("deleted");
      else if (before) {
        now.querySelector("input").checked = before.querySelector("input").checked;
        before.replaceWith(now);
      } else if (now) body.append(now);
    }
  };
  document.querySelector(".pick .all").addEventListener("change", event => {
    for (const r of body.rows) if (!r.hidden) r.querySelector("input").checked = event.target.checked;
  });
  document.querySelector(".filter").addEventListener("input", event => {
    for (const r of body.rows) r.hidden = !r.textContent.includes(event.target.value);
  });
}
