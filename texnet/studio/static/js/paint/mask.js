// Where the style goes: a canvas whose alpha is the mask, with a soft brush and a way back.
import { h } from "../dom.js";

const MOST_STEPS = 40;

export class Mask {
  constructor(width, height) {
    this.canvas = h("canvas", { width, height });
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.past = [];
    this.future = [];
  }

  begin() {
    this.past.push(this.context.getImageData(0, 0, this.canvas.width, this.canvas.height));
    if (this.past.length > MOST_STEPS) this.past.shift();
    this.future = [];
    this.last = null;
  }

  // A dab, joined to the last one; sizes and places in pixels of the mask.
  dab(x, y, size, erases) {
    const { context } = this;
    const from = this.last ?? { x, y };
    const distance = Math.hypot(x - from.x, y - from.y);
    const steps = Math.max(1, Math.ceil(distance / Math.max(1, size / 8)));
    context.globalCompositeOperation = erases ? "destination-out" : "source-over";
    for (let step = 1; step <= steps; step += 1) {
      const [px, py] = [from.x + ((x - from.x) * step) / steps, from.y + ((y - from.y) * step) / steps];
      const soft = context.createRadialGradient(px, py, size * 0.3, px, py, size / 2);
      soft.addColorStop(0, "rgba(255, 255, 255, 1)");
      soft.addColorStop(1, "rgba(255, 255, 255, 0)");
      context.fillStyle = soft;
      context.fillRect(px - size / 2, py - size / 2, size, size);
    }
    context.globalCompositeOperation = "source-over";
    this.last = { x, y };
  }

  undo() { this.step(this.past, this.future); }

  redo() { this.step(this.future, this.past); }

  step(from, to) {
    if (!from.length) return;
    to.push(this.context.getImageData(0, 0, this.canvas.width, this.canvas.height));
    this.context.putImageData(from.pop(), 0, 0);
  }

  clear() {
    this.begin();
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  invert() {
    this.begin();
    const data = this.context.getImageData(0, 0, this.canvas.width, this.canvas.height);
    for (let index = 0; index < data.data.length; index += 4) {
      data.data.fill(255, index, index + 3);
      data.data[index + 3] = 255 - data.data[index + 3];
    }
    this.context.putImageData(data, 0, 0);
  }

  // A gray picture: its lightness becomes the mask.
  load(bitmap) {
    this.begin();
    const { width, height } = this.canvas;
    this.context.clearRect(0, 0, width, height);
    this.context.drawImage(bitmap, 0, 0, width, height);
    const data = this.context.getImageData(0, 0, width, height);
    for (let index = 0; index < data.data.length; index += 4) {
      const [red, green, blue, alpha] = data.data.subarray(index, index + 4);
      data.data.fill(255, index, index + 3);
      data.data[index + 3] = ((0.2126 * red + 0.7152 * green + 0.0722 * blue) * alpha) / 255;
    }
    this.context.putImageData(data, 0, 0);
  }

  // As a gray picture, white where the style goes.
  blob() {
    const gray = h("canvas", { width: this.canvas.width, height: this.canvas.height });
    const context = gray.getContext("2d");
    context.fillRect(0, 0, gray.width, gray.height);
    context.drawImage(this.canvas, 0, 0);
    return new Promise((resolve) => { gray.toBlob(resolve, "image/png"); });
  }
}
