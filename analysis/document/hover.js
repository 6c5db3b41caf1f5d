"use strict";
// The value and interval of the point nearest to the pointer, and a figure as PNG.
for (const figure of document.querySelectorAll("figure[data-name]")) {
  const svg = figure.querySelector("svg"), data = figure.querySelector("script");
  if (!svg || !data) continue;
  const {series, x} = JSON.parse(data.textContent), box = svg.viewBox.baseVal;
  const tip = document.createElement("div"), mark = document.createElementNS(svg.namespaceURI, "circle");
  tip.className = "tip";
  mark.setAttribute("class", "mark");
  mark.setAttribute("r", 5);
  const hide = () => { tip.remove(); mark.remove(); };
  figure.addEventListener("pointerleave", hide);
  svg.addEventListener("pointermove", event => {
    const at = svg.getBoundingClientRect(), scale = box.width / at.width;
    const px = (event.clientX - at.left) * scale, py = (event.clientY - at.top) * scale;
    let best = 30 * 30, found;
    for (const s of series) for (const p of s.points) {
      const far = (p[0] - px) ** 2 + (p[1] - py) ** 2;
      if (far < best) [best, found] = [far, [s, p]];
    }
    if (!found) return hide();
    const [s, p] = found, host = figure.getBoundingClientRect();
    tip.textContent = s.name + ": " + p[3] + (p[2] ? " at " + x + " " + p[2] : "");
    mark.setAttribute("cx", p[0]);
    mark.setAttribute("cy", p[1]);
    svg.append(mark);
    figure.append(tip);
    const left = at.left - host.left + p[0] / scale;
    tip.style.left = Math.max(0, Math.min(left + 10, host.width - tip.offsetWidth - 2)) + "px";
    tip.style.top = at.top - host.top + p[1] / scale + 12 + "px";
  });
  const png = figure.querySelector("a.png");
  if (!png) continue;
  png.hidden = false;
  png.href = "#";
  png.addEventListener("click", event => {
    event.preventDefault();
    const copy = svg.cloneNode(true), style = getComputedStyle(document.documentElement), scale = 3;
    for (const m of copy.querySelectorAll(".mark")) m.remove();
    copy.setAttribute("width", box.width * scale);
    copy.setAttribute("height", box.height * scale);
    const text = new XMLSerializer().serializeToString(copy).replace(/var\((--[a-z]+)\)/g, (_, name) => style.getPropertyValue(name));
    const image = new Image(), canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [box.width * scale, box.height * scale];
    image.onload = () => {
      canvas.getContext("2d").drawImage(image, 0, 0);
      const link = document.createElement("a");
      link.download = figure.dataset.name + ".png";
      link.href = canvas.toDataURL("image/png");
      link.click();
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
  });
}
