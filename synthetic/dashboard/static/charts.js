"use strict";
// Draws the charts of a page with uPlot, over the drawing that came with it: hover and the arrow
// keys give values, dragging looks closer, a double click or Escape looks at all of it again.
(() => {
  const HEIGHT = 200, ABOVE = 16, BELOW = 24, LEFT = 80; // as charts.py's TOP and HIGH have it
  const FONT = "12px system-ui, sans-serif";
  const shown = new Map(); // by .plot

  // light-dark() is resolved only where a property uses it.
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const ink = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };

  const columns = (chart) => {
    const x = [], y = [];
    for (const [minutes, value] of chart.points) {
      x.push(chart.from + 60 * minutes);
      y.push(value);
    }
    return [x, y];
  };

  // Text keeps a rim of the card's colour, so that it can be read over lines.
  const write = (context, text, x, y, align, fill) => {
    context.textAlign = align;
    context.lineWidth = 3 * devicePixelRatio;
    context.lineJoin = "round";
    context.strokeStyle = ink("card");
    context.strokeText(text, x, y);
    context.fillStyle = fill;
    context.fillText(text, x, y);
  };

  const rule = (context, box, y, stroke, dash) => {
    context.setLineDash(dash.map((one) => one * devicePixelRatio));
    context.strokeStyle = stroke;
    context.lineWidth = (dash.length ? 1.5 : 1) * devicePixelRatio;
    context.beginPath();
    context.moveTo(box.left, y);
    context.lineTo(box.left + box.width, y);
    context.stroke();
    context.setLineDash([]);
  };

  const behind = (plot, chart) => {
    const { ctx: context, bbox: box } = plot;
    context.save();
    context.fillStyle = hatching(context);
    for (const [start, end] of gaps(chart)) {
      const left = Math.max(box.left, plot.valToPos(start, "x", true));
      const right = Math.min(box.left + box.width, plot.valToPos(end, "x", true));
      if (right > left) context.fillRect(left, box.top, right - left, box.height);
    }
    for (const [value] of chart.levels)
      rule(context, box, plot.valToPos(value, "y", true), ink("grid"), []);
    context.restore();
  };

  const before = (plot, chart) => {
    const { ctx: context, bbox: box } = plot;
    const over = 4 * devicePixelRatio;
    context.save();
    context.font = FONT.replace("12", 12 * devicePixelRatio);
    context.textBaseline = "alphabetic";
    for (const [value, text, kind, below] of chart.lines) {
      const y = plot.valToPos(value, "y", true);
      const fill = ink(kind === "alert" ? "failed" : "ok");
      rule(context, box, y, fill, [6, 4]);
      write(context, text, box.left + box.width, below ? y + 3 * over : y - over, "right", fill);
    }
    for (const [value, text] of chart.levels)
      write(context, text, box.left - 2 * over, plot.valToPos(value, "y", true) + over, "right", ink("soft"));
    const foot = box.top + box.height + 20 * devicePixelRatio;
    for (const [place, text] of chart.ticks) {
      const x = plot.valToPos(chart.from + ((chart.to - chart.from) * place) / 100, "x", true);
      if (x > box.left + 24 && x < box.left + box.width - 24) write(context, text, x, foot, "center", ink("soft"));
    }
    context.restore();
  };

  // Where nothing is known: before the first figure, where one is null, after the last.
  const gaps = (chart) => {
    const found = [];
    let last = chart.from, open = true;
    for (const [minutes, value] of chart.points) {
      const at = chart.from + 60 * minutes;
      if (value !== null && open) found.push([last, at - chart.step]);
      open = value === null;
      if (value !== null) last = at;
    }
    found.push([last, chart.to]);
    return found.filter(([start, end]) => end - start > chart.apart);
  };

  const hatching = (context) => {
    const tile = document.createElement("canvas");
    const size = (tile.width = tile.height = 8 * devicePixelRatio);
    const brush = tile.getContext("2d");
    brush.strokeStyle = ink("hatch-line");
    brush.lineWidth = 2 * devicePixelRatio;
    brush.beginPath();
    for (const shift of [-size, 0, size]) {
      brush.moveTo(shift, size);
      brush.lineTo(shift + size, 0);
    }
    brush.stroke();
    return context.createPattern(tile, "repeat");
  };

  const tell = (place, chart, index) => {
    const known = chart.points.slice(0, index + 1).filter(([, value]) => value !== null).length - 1;
    const figure = place.closest("figure");
    const row = figure.querySelectorAll("tbody tr")[known];
    const said = figure.querySelector(".reading");
    said.dataset.latest ??= said.textContent;
    said.ariaLive = place === document.activeElement ? "polite" : "off"; // news of others is no news
    const isKnown = index != null && chart.points[index][1] !== null && row;
    said.textContent = isKnown ? `until ${row.cells[0].textContent} UTC: ${row.cells[1].textContent}` : said.dataset.latest;
  };

  const options = (place, chart) => {
    const series = { stroke: () => ink("accent"), fill: () => ink(chart.bars ? "accent" : "accent-tint"), width: chart.bars ? 0 : 2 };
    if (chart.bars) series.paths = uPlot.paths.bars({ size: [0.8, 100], align: -1 });
    series.points = { show: !chart.bars, size: 6, filter: (plot) => alone(plot.data[1]) };
    return {
      width: place.clientWidth + LEFT,
      height: HEIGHT,
      padding: [ABOVE, 0, BELOW, LEFT],
      legend: { show: false },
      axes: [{ show: false }, { show: false }],
      scales: { x: { range: (_, from, to) => (place.dataset.closer ? [from, to] : [chart.from, chart.to]) }, y: { range: () => [0, chart.top] } },
      cursor: { y: false, points: { size: 9 }, drag: { x: true, y: false } },
      series: [{}, series],
      hooks: {
        drawAxes: [(plot) => behind(plot, chart)],
        draw: [(plot) => before(plot, chart)],
        setCursor: [(plot) => tell(place, chart, plot.cursor.idx)],
        setSelect: [(plot) => plot.select.width > 0 && (place.dataset.closer = "yes")],
      },
    };
  };

  const alone = (values) => {
    const found = [];
    for (let n = 0; n < values.length; n++)
      if (values[n] != null && values[n - 1] == null && values[n + 1] == null) found.push(n);
    return found;
  };

  const whole = (place, plot) => {
    delete place.dataset.closer;
    plot.setData(plot.data);
  };

  const step = (place, plot, chart, by) => {
    const at = plot.cursor.idx ?? (by > 0 ? -1 : chart.points.length);
    let next = at + by;
    while (chart.points[next] && chart.points[next][1] === null) next += by;
    if (!chart.points[next]) return;
    plot.setCursor({ left: plot.valToPos(plot.data[0][next], "x"), top: 10 }, false);
    plot.cursor.idx = next;
    tell(place, chart, next);
  };

  const show = (place) => {
    const chart = JSON.parse(place.dataset.chart);
    const plot = new uPlot(options(place, chart), columns(chart), place);
    place.classList.add("drawn");
    place.tabIndex = 0;
    plot.over.addEventListener("dblclick", () => whole(place, plot));
    const keys = (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by) step(place, plot, chart, by);
      else if (event.key === "Escape") whole(place, plot);
      else return;
      event.preventDefault();
    };
    place.addEventListener("keydown", keys);
    shown.set(place, { plot, end: () => (place.removeEventListener("keydown", keys), plot.destroy()) });
  };

  const draw = () => {
    for (const [place, one] of shown) if (!place.isConnected) (one.end(), shown.delete(place));
    for (const place of document.querySelectorAll(".plot[data-chart]")) if (!shown.has(place)) show(place);
  };

  // Takes over what another rendering of the same chart holds.
  const replace = (place, from) => {
    if (place.dataset.chart === from.dataset.chart) return;
    place.dataset.chart = from.dataset.chart;
    delete place.closest("figure").querySelector(".reading").dataset.latest;
    place.querySelector("svg").replaceWith(document.importNode(from.querySelector("svg"), true));
    shown.get(place)?.end();
    shown.delete(place);
    show(place);
  };

  const again = () => shown.forEach(({ plot }) => plot.redraw());
  new ResizeObserver(() => {
    for (const [place, { plot }] of shown)
      if (plot.width !== place.clientWidth) plot.setSize({ width: place.clientWidth + LEFT, height: HEIGHT });
  }).observe(document.getElementById("main"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  window.syntheticCharts = { draw, replace };
  requestAnimationFrame(() => setTimeout(draw)); // the drawings that came with the page show first
})();
