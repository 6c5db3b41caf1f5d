"use strict";
// Opens pages in frames of several widths and reports what is wrong with how they look.
const wait = ms => new Promise(done => setTimeout(done, ms));

async function open(address, width) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width: ${width}px; height: 900px; border: 0`;
  frame.src = address;
  document.body.append(frame);
  await new Promise(done => frame.onload = done);
  await wait(150);
  return frame;
}

// wide names what reaches beyond the right edge and is in no box that scrolls.
function wide(doc, width) {
  const found = [];
  if (doc.documentElement.scrollWidth > width) found.push(`the page is ${doc.documentElement.scrollWidth} wide`);
  for (const e of doc.body.querySelectorAll("*")) {
    const box = e.getBoundingClientRect();
    if (box.width === 0 || box.right <= width + 1) continue;
    let scrolls = false;
    for (let p = e.parentElement; p; p = p.parentElement) scrolls ||= /auto|scroll|hidden/.test(doc.defaultView.getComputedStyle(p).overflowX);
    if (!scrolls && !e.closest("svg")) found.push(`<${e.localName} class="${e.className}"> reaches ${Math.round(box.right)}: ${e.textContent.trim().slice(0, 40)}`);
  }
  return found.slice(0, 5);
}

// overlaps names the texts of a drawing that lie over each other, or outside of it.
function overlaps(doc) {
  const found = [];
  for (const svg of doc.querySelectorAll("figure svg, .chart svg")) {
    const name = svg.closest("figure")?.dataset.name || "chart", frame = svg.getBoundingClientRect();
    if (frame.width === 0) continue;
    const texts = [...svg.querySelectorAll("text")].filter(t => t.textContent.trim()).map(t => [t.textContent.trim(), t.getBoundingClientRect()]);
    texts.forEach(([a, r], i) => {
      if (r.left < frame.left - 1 || r.right > frame.right + 1 || r.top < frame.top - 1 || r.bottom > frame.bottom + 1) found.push(`${name}: "${a}" lies outside`);
      for (const [b, s] of texts.slice(i + 1)) {
        const x = Math.min(r.right, s.right) - Math.max(r.left, s.left), y = Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top);
        if (x > 2 && y > .3 * Math.min(r.height, s.height)) found.push(`${name}: "${a}" over "${b}"`);
      }
    });
  }
  return found.slice(0, 8);
}

// asPrinted applies the rules for print to the screen.
function asPrinted(doc) {
  for (const sheet of doc.styleSheets) for (const rule of sheet.cssRules) {
    if (!rule.media) continue;
    rule.media.mediaText = rule.media.mediaText.includes("print") ? "all" : "not all";
  }
  for (const d of doc.querySelectorAll("details")) d.open = true;
}

// hovers moves the pointer over a point of every drawing.
function hovers(doc) {
  const found = [];
  for (const figure of doc.querySelectorAll("figure[data-name]")) {
    const data = JSON.parse(figure.querySelector("script").textContent), svg = figure.querySelector("svg");
    if (!figure.querySelector(".files a[href*=csv]")) found.push(`${figure.dataset.name}: no link to its numbers`);
    const point = data.series[0]?.points[0];
    if (!point) continue;
    svg.scrollIntoView();
    const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
    svg.dispatchEvent(new PointerEvent("pointermove", {clientX: box.left + point[0] * scale, clientY: box.top + point[1] * scale}));
    const tip = figure.querySelector(".tip");
    if (!tip || !tip.textContent.includes(": ")) found.push(`${figure.dataset.name}: nothing under the pointer`);
  }
  return found;
}

async function look(address) {
  const wrong = [];
  const add = (where, found) => wrong.push(...found.map(f => `${address} at ${where}: ${f}`));
  for (const width of [400, 800, 1400]) {
    const frame = await open(address, width), doc = frame.contentDocument;
    add(width, wide(doc, width));
    add(width, overlaps(doc));
    if (width === 1400) add(width, hovers(doc));
    for (const d of doc.querySelectorAll("details")) d.open = true;
    add(width + " unfolded", wide(doc, width));
    frame.remove();
  }
  const frame = await open(address, 718); // A4 less margins of 1 cm, at 96 to the inch
  asPrinted(frame.contentDocument);
  await wait(100);
  const paper = frame.contentDocument;
  add("print", wide(paper, 718));
  for (const box of paper.querySelectorAll(".scroll")) if (box.scrollWidth > box.clientWidth + 1) add("print", [`a box cuts ${box.scrollWidth - box.clientWidth}: ${box.textContent.trim().slice(0, 60)}`]);
  frame.remove();
  return wrong;
}

// follow waits until the strip of a run has moved on so many times, and then for its report.
async function follow(address) {
  const frame = await open(address, 900);
  const status = () => frame.contentDocument?.querySelector(".status")?.textContent || "";
  const seen = new Set(), step = () => (status().match(/at step ([\d,]+)/) || [])[1];
  for (let i = 0; i < 600 && seen.size < 4; i++) { seen.add(step()); await wait(50); }
  await fetch("restart");
  const before = step();
  for (let i = 0; i < 600 && step() === before; i++) await wait(50);
  const after = step();
  let reported = false;
  for (let i = 0; i < 1200 && !reported; i++) {
    reported = !!frame.contentDocument?.querySelector("figure[data-name=loss] svg") && status().includes("done");
    await wait(50);
  }
  return [seen.size < 4 && `only ${[...seen]} were seen`, after === before && "nothing came after the restart", !reported && `no report: ${status()}`].filter(Boolean);
}

(async () => {
  const task = JSON.parse(document.getElementById("task").textContent), wrong = [];
  try {
    if (matchMedia("(prefers-color-scheme: dark)").matches !== task.dark) wrong.push("the style is not the one that was asked for");
    for (const address of task.pages || []) wrong.push(...await look(address));
    if (task.follow) wrong.push(...await follow(task.follow));
  } catch (e) { wrong.push(String(e.stack || e)); }
  await fetch("result", {method: "POST", body: JSON.stringify(wrong)});
})();
