// A run's previews: a tile per photo, one slider over the steps and one over the noise factors.
import { h, replace } from "./dom.js";
import { dialog, slider } from "./ui.js";

export class Viewer {
  constructor(address) {
    this.address = address;
    this.images = new Map();
    this.steps = [];
    this.factors = [];
    this.follow = true;
    this.tiles = h("div", { class: "tiles" });
    this.step = slider({ label: "Step", min: 0, max: 0, step: 1, value: 0, show: (at) => (this.steps[at] ?? 0).toLocaleString(), low: "first look", high: "now", oninput: (at) => { this.follow = at === this.steps.length - 1; this.draw(); } });
    this.factor = slider({ label: "Noise factor", min: 0, max: 1, step: 0.01, value: 1, show: (value) => value.toFixed(2), low: "the photo itself", high: "the style", oninput: () => this.draw() });
    this.element = h("div", { class: "stack" }, this.tiles, h("div", { class: "two card scrub" }, this.step.element, this.factor.element));
  }

  async update(steps, factors) {
    if (!steps.length) return;
    const grown = steps.length !== this.steps.length;
    this.steps = steps;
    this.factors = factors;
    this.factor.element.hidden = !factors.length;
    if (factors.length) this.factor.write(Math.min(Number(this.factor.input.value), factors.at(-1)), { max: factors.at(-1) });
    if (grown) {
      this.step.write(this.follow ? steps.length - 1 : this.step.input.value, { max: steps.length - 1 });
      await this.draw();
      steps.forEach((step) => this.load(step)); // so that the slider over them does not wait
    }
  }

  load(step) {
    if (!this.images.has(step)) {
      const image = new Image();
      image.src = this.address(step);
      this.images.set(step, image.decode().then(() => image).catch(() => { this.images.delete(step); return null; }));
    }
    return this.images.get(step);
  }

  async draw() {
    const step = this.steps[Number(this.step.input.value)];
    const image = await this.load(step);
    if (!image || step !== this.steps[Number(this.step.input.value)]) return;
    const columns = this.factors.length || Math.max(1, Math.round(image.naturalWidth / image.naturalHeight));
    const size = image.naturalWidth / columns;
    const rows = Math.max(1, Math.round(image.naturalHeight / size));
    const isTexture = !this.factors.length;
    const count = isTexture ? columns : rows;
    if (this.tiles.childElementCount !== count) {
      this.tiles.className = `tiles ${count === 1 ? "one" : ""}`;
      replace(this.tiles, Array.from({ length: count }, (_, index) => h("canvas", { role: "img", tabIndex: 0, "aria-label": `Preview ${index + 1}`, onclick: () => this.enlarge(index), onkeydown: (event) => event.key === "Enter" && this.enlarge(index) })));
    }
    [...this.tiles.children].forEach((canvas, index) => (isTexture ? fade(canvas, image, size, 0, index, index, 0) : this.paint(canvas, image, size, index)));
  }

  paint(canvas, image, size, row) {
    const [low, high, share] = between(this.factors, Number(this.factor.input.value));
    fade(canvas, image, size, row, low, high, share);
  }

  async enlarge(index) {
    const image = await this.load(this.steps[Number(this.step.input.value)]);
    if (!image) return;
    const canvas = h("canvas", { role: "img", "aria-label": `Preview ${index + 1}`, style: { width: "min(80vw, 78vh)" } });
    const source = this.tiles.children[index];
    canvas.width = source.width;
    canvas.height = source.height;
    canvas.getContext("2d").drawImage(source, 0, 0);
    dialog(`Step ${this.steps[Number(this.step.input.value)].toLocaleString()}`, canvas);
  }
}

// The two of rising numbers that a value lies between, and how far it is to the second.
export function between(numbers, value) {
  const high = Math.max(1, numbers.findIndex((number) => number >= value));
  if (numbers.length < 2) return [0, 0, 0];
  const share = (value - numbers[high - 1]) / (numbers[high] - numbers[high - 1]);
  return [high - 1, high, Math.min(1, Math.max(0, share))];
}

function fade(canvas, image, size, row, low, high, share) {
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext("2d");
  context.drawImage(image, low * size, row * size, size, size, 0, 0, size, size);
  if (share > 0) {
    context.globalAlpha = share;
    context.drawImage(image, high * size, row * size, size, size, 0, 0, size, size);
    context.globalAlpha = 1;
  }
}
