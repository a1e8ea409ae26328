// Curves of a run, in SVG.
import { svg, replace } from "./dom.js";

const WIDTH = 560;
const HEIGHT = 150;
const LEFT = 38;
const BOTTOM = 22;

export function chart(title) {
  const element = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title });
  return {
    element,
    draw(steps, values) {
      const points = steps.map((step, index) => [step, values[index]]).filter(([, value]) => Number.isFinite(value));
      if (points.length < 2) return;
      const numbers = smooth(points.map(([, value]) => value));
      const high = Math.max(...numbers) * 1.05 || 1;
      const [first, last] = [points[0][0], points.at(-1)[0]];
      const x = (step) => LEFT + ((step - first) / (last - first || 1)) * (WIDTH - LEFT - 6);
      const y = (value) => HEIGHT - BOTTOM - (value / high) * (HEIGHT - BOTTOM - 12);
      const line = points.map(([step], index) => `${x(step).toFixed(1)},${y(numbers[index]).toFixed(1)}`).join(" ");
      const grid = [0, 0.5, 1].map((share) => [
        svg("line", { x1: LEFT, x2: WIDTH, y1: y(share * high), y2: y(share * high) }),
        svg("text", { x: LEFT - 6, y: y(share * high) + 4, "text-anchor": "end" }, short(share * high)),
      ]);
      const steps_ = [svg("text", { x: LEFT, y: HEIGHT - 5 }, String(first)), svg("text", { x: WIDTH - 4, y: HEIGHT - 5, "text-anchor": "end" }, `step ${last.toLocaleString()}`)];
      replace(element, grid, steps_, svg("polyline", { points: line }));
      element.setAttribute("aria-label", `${title}, from ${short(numbers[0])} to ${short(numbers.at(-1))} at step ${last}`);
    },
  };
}

const short = (value) => (value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toPrecision(2)).replace(/^0\.0$/, "0");

function smooth(values) {
  const share = 1 / Math.max(1, values.length / 15);
  let mean = values[0];
  return values.map((value) => (mean += share * (value - mean)));
}
