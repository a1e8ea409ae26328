// The noise factor over time: points of second and factor, which are dragged, typed, or moved by arrow keys.
import { debounce, h, replace, svg } from "../dom.js";
import { button } from "../ui.js";

const MOST_POINTS = 100;
const REST = 250; // milliseconds without a move until the frame of a point is shown

// The factor at a time: between points on a line, before the first and after the last one theirs.
export function factorAt(points, at) {
  const after = points.findIndex((point) => point.at > at);
  if (after === 0) return points[0].factor;
  if (after < 0) return points.at(-1).factor;
  const [from, to] = [points[after - 1], points[after]];
  return from.factor + ((to.factor - from.factor) * (at - from.at)) / (to.at - from.at);
}

// The line of points in a square of 100, from the begin to the end of the video.
export function lineOf(points, seconds, most) {
  const places = [{ ...points[0], at: 0 }, ...points, { ...points.at(-1), at: seconds }];
  return places.map(({ at, factor }) => `${(100 * at) / seconds},${100 - (100 * factor) / most}`).join(" ");
}

// `onmove` gets the chosen point at every move, `onrest` a moment after the last one.
export function curveEditor({ onmove, onrest }) {
  let points = []; // by their seconds, each with the button that is its handle
  let chosen = null;
  let seconds = 1;
  let most = 2;
  const rest = debounce(REST, () => chosen && onrest(chosen));
  const line = svg("polyline", { class: "line" });
  const area = svg("polygon", { class: "area" });
  const learned = svg("line", { class: "learned", x1: 0, x2: 100 });
  const chart = svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, area, learned, line);
  const plot = h("div", { class: "plot", title: "Click to add a point", onclick: addByClick }, chart);
  const ends = h("div", { class: "slider-ends numbers" });
  const second = field("Second", (value) => chosen && place(chosen, { at: value }));
  const factor = field("Factor", (value) => chosen && place(chosen, { factor: value }));
  const add = button("Add", "plus", addBetween, { "aria-label": "Add a point" });
  const take = button("Remove", "minus", () => remove(chosen), { "aria-label": "Remove the chosen point" });
  const element = h("div", { class: "curve", role: "group", "aria-label": "Strength over time" }, plot, ends, h("div", { class: "row curve-tools" }, second.element, factor.element, add, take));

  function field(label, oninput) {
    const input = h("input", { class: "input numbers", type: "number", min: 0, step: "any", onchange: () => (Number.isFinite(input.valueAsNumber) ? oninput(input.valueAsNumber) : draw()) });
    return { input, element: h("label", { class: "small" }, h("span", { class: "soft" }, label), input) };
  }

  function handle(point) {
    return h("button", {
      type: "button", class: "handle", role: "slider", "aria-orientation": "vertical", "aria-valuemin": 0,
      onpointerdown: (event) => grab(event, point), onpointermove: (event) => drag(event, point), onclick: (event) => event.stopPropagation(),
      onkeydown: (event) => onKey(event, point), onfocus: () => choose(point),
    });
  }

  const clamp = (value, high) => Math.min(high, Math.max(0, Math.round(100 * value) / 100));

  // A place that no other point has: two factors at one time would leave open which holds.
  function free(at, point) {
    const taken = new Set(points.filter((one) => one !== point).map((one) => one.at));
    const last = Math.floor(100 * seconds) / 100;
    for (let by = 0; by <= MOST_POINTS; by += 1) {
      for (const near of [at + by / 100, at - by / 100]) {
        const candidate = clamp(near, last);
        if (!taken.has(candidate)) return candidate;
      }
    }
    return null;
  }

  function insert(at, strength) {
    const there = points.length < MOST_POINTS ? free(at, null) : null;
    if (there === null) return;
    const point = { at: there, factor: clamp(strength, most) };
    point.handle = handle(point);
    const next = points.find((one) => one.at > there); // whose handle comes after it by Tab, too
    if (next) next.handle.before(point.handle);
    else plot.append(point.handle);
    points.push(point);
    point.handle.focus();
    place(point, {});
  }

  // Move a point, and tell.
  function place(point, { at = point.at, factor: strength = point.factor }) {
    point.at = free(at, point) ?? point.at;
    point.factor = clamp(strength, most);
    points.sort((a, b) => a.at - b.at);
    chosen = point;
    draw();
    onmove(point);
    rest();
  }

  function choose(point) {
    if (point === chosen) return;
    chosen = point;
    draw();
    onmove(point);
    rest();
  }

  function remove(point) {
    if (points.length < 2) return;
    const index = points.indexOf(point);
    points.splice(index, 1);
    point.handle.remove();
    points[Math.min(index, points.length - 1)].handle.focus();
  }

  function placeOf(event) {
    const box = plot.getBoundingClientRect();
    return { at: (seconds * (event.clientX - box.left)) / box.width, factor: most * (1 - (event.clientY - box.top) / box.height) };
  }

  function addByClick(event) { const { at, factor: strength } = placeOf(event); insert(at, strength); }

  // In the middle of the widest gap, on the line.
  function addBetween() {
    const times = [0, ...points.map((point) => point.at), seconds];
    const gaps = times.slice(1).map((at, index) => [at - times[index], times[index]]);
    const [width, from] = gaps.reduce((widest, gap) => (gap[0] > widest[0] ? gap : widest));
    insert(from + width / 2, factorAt(points, from + width / 2));
  }

  function grab(event, point) {
    if (event.button) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    choose(point);
  }

  function drag(event, point) {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) place(point, placeOf(event));
  }

  function onKey(event, point) {
    const step = event.shiftKey ? 1 : 0.1;
    const moves = {
      ArrowLeft: { at: point.at - step }, ArrowRight: { at: point.at + step },
      ArrowUp: { factor: point.factor + 0.05 }, ArrowDown: { factor: point.factor - 0.05 },
      PageUp: { factor: point.factor + 0.25 }, PageDown: { factor: point.factor - 0.25 },
      Home: { at: 0 }, End: { at: seconds },
    };
    if (event.key === "Delete" || event.key === "Backspace") remove(point);
    else if (moves[event.key]) place(point, moves[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function draw() {
    if (!points.length) return;
    const places = lineOf(points, seconds, most);
    line.setAttribute("points", places);
    area.setAttribute("points", `0,100 ${places} 100,100`);
    for (const [name, value] of [["y1", 1], ["y2", 1]]) learned.setAttribute(name, 100 - (100 * value) / most);
    points.forEach((point, index) => {
      const { handle: one } = point;
      one.style.setProperty("left", `${(100 * point.at) / seconds}%`);
      one.style.setProperty("top", `${100 - (100 * point.factor) / most}%`);
      one.setAttribute("aria-label", `Point ${index + 1} of ${points.length}`);
      one.setAttribute("aria-valuemax", most);
      one.setAttribute("aria-valuenow", point.factor);
      one.setAttribute("aria-valuetext", `noise factor ${point.factor.toFixed(2)} at ${point.at.toFixed(2)} seconds`);
      one.classList.toggle("chosen", point === chosen);
    });
    Object.assign(second.input, { value: chosen.at, max: seconds });
    Object.assign(factor.input, { value: chosen.factor, max: most });
    take.disabled = points.length < 2;
    add.disabled = points.length >= MOST_POINTS;
    replace(ends, h("span", {}, "0 s"), h("span", {}, `${seconds.toFixed(1)} s`));
  }

  return {
    element,
    get points() { return points.map(({ at, factor: strength }) => ({ at, factor: strength })); },
    get chosen() { return chosen; },
    // The factor of the chosen point, by the page's slider.
    lift(strength) { if (chosen) { chosen.factor = clamp(strength, most); draw(); } },
    // Another video, or a network of another range.
    begin(length, highest, fresh) {
      seconds = Math.max(0.01, length);
      most = highest;
      if (fresh) {
        points.forEach((point) => point.handle.remove());
        points = fresh.map((point) => ({ ...point }));
        points.forEach((point) => { point.handle = handle(point); plot.append(point.handle); });
        [chosen] = points;
      }
      points.forEach((point) => { point.factor = clamp(point.factor, most); });
      draw();
    },
  };
}
