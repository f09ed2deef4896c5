"use strict";
// The chart of a track, drawn by uPlot from the marks of the server's own picture, which stands where scripts do not:
// a stretch of time can be looked at closely, and what is under the pointer or the arrow keys is said, with its proof.
const drawn = document.querySelector(".drawn");
if (drawn) {
  const figure = drawn.closest("figure"), zone = figure.dataset.zone;
  const ink = (name) => getComputedStyle(figure).getPropertyValue(name);
  const marks = [...drawn.querySelectorAll("[data-at]")].map((each) => ({
    at: Number(each.dataset.at), until: Number(each.dataset.until || each.dataset.at), series: each.dataset.series,
    value: each.dataset.value === undefined ? null : Number(each.dataset.value), kind: each.classList[0],
    text: each.textContent, href: each.closest("a")?.getAttribute("href"),
  })).sort((one, other) => one.at - other.at);
  for (const { dataset } of drawn.querySelectorAll("[data-worth]")) marks.push({ at: Number(dataset.at), until: Number(dataset.at), series: "worth", value: Number(dataset.worth) });
  const names = [...new Set(marks.flatMap((mark) => mark.value === null ? [] : [mark.series]))];
  const data = uPlot.join(names.map((name) => {
    const points = new Map(marks.filter((mark) => mark.series === name).map((mark) => [mark.at, mark.value]));
    return [[...points.keys()], [...points.values()]];
  }));
  const day = (at, options) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }).format(at * 1000);
  const style = (name) => {
    if (name === "lifted") return { stroke: null, points: { show: true, size: 7, width: 0, fill: () => ink("--ink") }, paths: () => null };
    if (name === "worth") return { stroke: () => ink("--soft"), width: 1.5, dash: [4, 4], spanGaps: true, points: { show: false } };
    return { stroke: () => ink("--accent"), width: 2, spanGaps: true, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } };
  };
  const axis = { stroke: () => ink("--soft"), grid: { stroke: () => ink("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const beside = (chart, layoffs) => {
    const { ctx, bbox } = chart, ratio = devicePixelRatio, x = (at) => chart.valToPos(at, "x", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left - 8 * ratio, 0, bbox.width + 24 * ratio, bbox.top + bbox.height);
    ctx.clip();
    ctx.setLineDash([]);
    for (const mark of marks) {
      if (layoffs !== (mark.kind === "layoff")) continue;
      ctx.beginPath();
      ctx.lineWidth = 2 * ratio;
      if (mark.kind === "layoff") {
        ctx.fillStyle = ink("--line");
        ctx.globalAlpha = .55;
        ctx.fillRect(x(mark.at), bbox.top, Math.max(x(mark.until) - x(mark.at), 2), bbox.height);
        ctx.globalAlpha = 1;
      } else if (mark.kind === "programme") {
        ctx.fillStyle = ctx.strokeStyle = ink("--good");
        ctx.lineWidth = ratio;
        ctx.moveTo(x(mark.at), bbox.top + bbox.height);
        for (const [across, down] of [[0, 4], [12, 4], [8, 9], [12, 14], [0, 14]]) ctx.lineTo(x(mark.at) + across * ratio, down * ratio);
        ctx.fill();
        ctx.stroke();
      } else if (mark.kind === "correction") {
        ctx.fillStyle = ink("--card");
        ctx.strokeStyle = ink("--bad");
        for (const [across, down] of [[0, 18], [7, 25], [0, 32], [-7, 25], [0, 18]]) ctx.lineTo(x(mark.at) + across * ratio, down * ratio);
        ctx.fill();
        ctx.stroke();
      } else if (mark.kind === "deload") {
        ctx.strokeStyle = ink("--bad");
        ctx.arc(x(mark.at), chart.valToPos(mark.value, "y", true), 7 * ratio, 0, 2 * Math.PI);
        ctx.stroke();
      }
    }
    ctx.restore();
  };
  const said = Object.assign(document.createElement("p"), { className: "readout", textContent: "Point at the chart, or go through it by the arrow keys. Drag over a stretch to see it closely." });
  said.setAttribute("aria-live", "polite");
  const say = (chart) => {
    const at = data[0][chart.cursor.idx];
    if (at === undefined) return;
    const next = data[0][chart.cursor.idx + 1] ?? Infinity;
    const stands = new Map(marks.filter((mark) => mark.href && mark.value !== null && mark.at <= at).map((mark) => [mark.series, mark]));
    const found = marks.filter((mark) => mark.text && (mark.value !== null ? mark.href ? stands.get(mark.series) === mark : mark.at === at
      : mark.kind === "layoff" ? mark.at <= at && at <= mark.until : at <= mark.at && mark.at < next || at === data[0][0] && mark.at < at));
    said.replaceChildren(...found.flatMap((mark, number) => {
      const shown = document.createElement(mark.href ? "a" : "span");
      if (mark.href) shown.href = mark.href;
      shown.textContent = mark.text;
      return number ? [" · ", shown] : [shown];
    }));
  };
  const place = document.createElement("div");
  place.className = "chart";
  place.tabIndex = 0;
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", `${drawn.querySelector("title").textContent} The arrow keys go through it, plus and minus look closer and less so.`);
  drawn.before(place);
  drawn.hidden = true;
  place.after(said);
  const chart = new uPlot({
    width: place.clientWidth, height: 320, padding: [20, 28, 0, 0], legend: { show: false },
    cursor: { y: false, points: { size: 9 } },
    scales: { x: { time: true }, y: { range: (_, least, most) => [least - (most - least || 10) * .1, most + (most - least || 10) * .12] } },
    axes: [
      { ...axis, size: 30, values: (_, splits, __, space, step) => splits.map((at) => day(at, step < 28 * 86400 ? { day: "numeric", month: "short" } : { month: "short", year: "numeric" })) },
      { ...axis, size: 48 },
    ],
    series: [{}, ...names.map(style)],
    hooks: { drawClear: [(self) => beside(self, true)], draw: [(self) => beside(self, false)], setCursor: [say] },
  }, data, place);
  const look = (from, to) => chart.setScale("x", { min: from, max: to });
  const [first, last] = [data[0][0], data[0].at(-1)];
  place.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    const { min, max } = chart.scales.x, at = data[0][chart.cursor.idx] ?? max, factor = { "+": .5, "-": 2 }[event.key];
    if (step !== undefined) {
      const now = chart.cursor.idx ?? (step < 0 ? data[0].length : -1);
      const to = data[0][Math.max(0, Math.min(data[0].length - 1, now + step))];
      if (to < min || to > max) look(Math.min(to, min), Math.max(to, max));
      chart.setCursor({ left: chart.valToPos(to, "x"), top: 0 });
    } else if (factor) {
      look(Math.max(first, at - (at - min) * factor), Math.min(last, at + (max - at) * factor));
    } else return;
    event.preventDefault();
  });
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 320 })).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw());
}
