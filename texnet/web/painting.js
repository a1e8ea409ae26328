// What is painted when: the strength that rests first, then those ahead, then the same for whatever is chosen next.

import { Engine, chooseEngine } from "./engine.js";
import { LevelCache, Levels } from "./levels.js";
import { canvasFrom, pixelsOf, reduced } from "./pictures.js";

const REST = 120; // milliseconds without a move, after which a slider rests

/**
 * The painting of one picture by one of the styles: settings, the workers and what they painted so far.
 *
 * Events: "show" (what `Levels.at` gives), "photo" (another reduced photo), "busy", "error", "engine".
 */
export class Painting extends EventTarget {
  constructor(styles, { engine = "auto", webgpu = true } = {}) {
    super();
    this.styles = styles;
    this.settings = { style: styles[0], factor: defaultFactor(styles[0]), seed: "0", detail: 640 };
    this.picture = null;
    this.photo = null;
    this.cache = new LevelCache();
    this.wasm = new Engine("wasm");
    this.gpu = null; // a worker for all styles that WebGPU paints
    this.engines = new Map(); // by style, once chosen
    this.allows = { webgpu: webgpu && engine !== "wasm", any: engine === "webgpu" };
    this.wasm.call("load", { style: styles[0] }).catch((error) => this._fail(error));
    this.busy = false;
    this.moved = -Infinity;
    this.number = 0;
  }

  /** Change some settings: style, factor, seed, detail. */
  async set(changes) {
    const before = this.settings;
    this.settings = { ...before, ...changes };
    const { style } = this.settings;
    const possible = style.fixed_noise_factor
      ? (this.settings.factor < style.fixed_noise_factor / 2 ? 0 : style.fixed_noise_factor)
      : Math.min(this.settings.factor, style.max_noise_factor);
    this.settings.factor = possible;
    if ("factor" in changes) {
      this.moved = performance.now();
      setTimeout(() => this._work(), REST + 5);
    } else {
      this.moved = -Infinity;
    }
    if ("detail" in changes && this.picture) await this._reduce();
    this._show();
    this._work();
  }

  /** Show another picture, as openPicture gives it. */
  async open(picture) {
    this.picture = picture;
    await this._reduce();
    this._show();
    this._work();
  }

  /** The painting as the settings say, exactly: a canvas. */
  async exact() {
    for (;;) {
      const { levels } = this;
      const found = levels.painted.get(this.settings.factor);
      if (found) return found;
      if (levels.failed) throw new Error("this picture could not be painted");
      this.moved = -Infinity;
      this._work();
      await new Promise((resolve) => this.addEventListener("painted", resolve, { once: true }));
    }
  }

  /** RGBA pixels of an ImageData, painted by the present settings, past the queue: for moving pictures. */
  async paintNow(image) {
    const { style, factor, seed } = this.settings;
    if (factor === 0) return image.data;
    return (await this._engine(style).paint(style, image, factor, seed)).pixels;
  }

  /** Stop painting ahead, as for a camera or a full size, or go on. */
  pause(on) {
    this.paused = on;
    if (!on) this._work();
  }

  get levels() {
    const { style, seed, detail } = this.settings;
    const { max_noise_factor: largest, fixed_noise_factor: fixed } = style;
    const key = [this.number, style.name, seed, detail].join();
    return this.cache.get(key, () => new Levels(this.photo, largest, fixed));
  }

  _engine(style) {
    return this.engines.get(style.name) ?? this.wasm;
  }

  async _reduce() {
    this.number++;
    this.cache.clear();
    const { number } = this;
    const photo = await reduced(this.picture.bitmap, this.settings.detail);
    if (number !== this.number) return; // another one was opened meanwhile
    this.photo = photo;
    this._tell("photo", photo);
  }

  _show() {
    if (!this.photo) return;
    const shown = this.levels.at(this.settings.factor);
    const nothingYet = this.levels.painted.size === 1 && this.settings.factor > 0;
    this._tell("show", { ...shown, keep: nothingYet, progress: this.levels.progress() });
  }

  /** The strength to paint next, or null. */
  _next() {
    if (!this.photo || this.paused || this.levels.failed) return null;
    const { factor } = this.settings;
    const rests = performance.now() - this.moved >= REST;
    if (rests && !this.levels.has(factor)) return factor;
    return this.levels.missing(factor);
  }

  async _work() {
    if (this.busy) return;
    const factor = this._next();
    if (factor === null) return this._idle();
    const { levels, photo } = this;
    const { style, seed } = this.settings;
    this.busy = true;
    this._tell("busy", !levels.has(this.settings.factor));
    try {
      const { pixels, milliseconds } = await this._engine(style).paint(style, pixelsOf(photo), factor, seed);
      levels.add(factor, canvasFrom(pixels, photo.width, photo.height));
      this._tell("time", { milliseconds, engine: this._engine(style).kind });
    } catch (error) {
      if (this.engines.get(style.name) && this._engine(style) !== this.wasm) {
        this.engines.set(style.name, this.wasm);
        this._tell("engine", `WebGPU failed, now wasm: ${error.message}`);
      } else {
        levels.failed = true;
        this._fail(error);
      }
    }
    this.busy = false;
    this._show();
    this._tell("painted");
    this._work();
  }

  /** Nothing to paint: time to try a faster engine. */
  async _idle() {
    this._tell("busy", false);
    const { style } = this.settings;
    if (!this.photo || this.paused || this.levels.failed || this.engines.has(style.name)) return;
    this.engines.set(style.name, this.wasm);
    if (!this.allows.webgpu) return;
    const start = () => (this.gpu ??= new Engine("webgpu"));
    const { engine, reason } = await chooseEngine(this.wasm, style, { start, any: this.allows.any });
    this.engines.set(style.name, engine);
    if (![...this.engines.values()].includes(this.gpu)) {
      this.gpu?.stop();
      this.gpu = null;
    }
    this._tell("engine", reason);
  }

  _fail(error) {
    this._tell("error", error.message);
  }

  _tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** The strength that a style is first shown at. */
export function defaultFactor(style) {
  return style.fixed_noise_factor || Math.min(1, style.max_noise_factor);
}
