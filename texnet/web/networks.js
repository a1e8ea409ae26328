// Networks under onnxruntime-web: pixels in, pixels out. Runs in a worker.

import { uncalibrated } from "./calibration.js";
import { drawNoise } from "./noise.js";

// a library, its loader and its program each, by their names in runtime/
const ENGINES = {
  wasm: { library: "ort.wasm.js", mjs: "ort-wasm.js", wasm: "ort-wasm.wasm" },
  webgpu: { library: "ort.webgpu.js", mjs: "ort-webgpu.js", wasm: "ort-webgpu.wasm" },
};

/** Networks of one engine, "wasm" or "webgpu", loaded when they are first used. */
export class Networks {
  static async start(engine) {
    const { library, mjs, wasm } = ENGINES[engine];
    const folder = new URL("./runtime/", import.meta.url);
    const ort = await import(new URL(library, folder).href);
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = 1; // more need headers that plain static hosts do not send
    ort.env.wasm.wasmPaths = { mjs: new URL(mjs, folder).href, wasm: new URL(wasm, folder).href };
    return new Networks(ort, engine);
  }

  constructor(ort, engine) {
    this.ort = ort;
    this.engine = engine;
    this.sessions = new Map();
    this.files = new Map();
    this.noise = { key: "", values: null };
  }

  /** Load a style's network, or with `tiled` its network for tiles. */
  async load(style, tiled = false) {
    const name = `${style.name}${tiled ? ".tiles" : ""}`;
    if (!this.sessions.has(name)) this.sessions.set(name, this._load(style, tiled));
    try {
      return await this.sessions.get(name);
    } catch (error) {
      this.sessions.delete(name); // the next use tries again
      throw error;
    }
  }

  /** RGBA pixels, painted: the same size. `origin` is the place of the pixels in the picture, for the noise. */
  async paint(style, pixels, width, height, factor, seed, origin = { x: 0, y: 0 }) {
    const session = await this.load(style);
    const feeds = this._feeds(style, pixels, width, height, factor, seed, origin);
    const { output } = await session.run(feeds);
    return toPixels(output.data, width, height);
  }

  /** As `paint`, with the statistics of the norms: by those given, or with null by the picture's own. Both come back. */
  async paintTile(style, pixels, width, height, factor, seed, origin, statistics) {
    const session = await this.load(style, true);
    const { Tensor } = this.ort;
    const numbers = statistics ?? new Float32Array(style.num_statistics);
    const { output, measured } = await session.run({
      ...this._feeds(style, pixels, width, height, factor, seed, origin),
      statistics: new Tensor("float32", numbers, [numbers.length]),
      given: new Tensor("float32", new Float32Array([statistics ? 1 : 0]), [1]),
    });
    return { pixels: toPixels(output.data, width, height), statistics: Float32Array.from(measured.data) };
  }

  async _load(style, tiled) {
    const holder = await this._fetch(`${style.name}.onnx`);
    const options = { executionProviders: [this.engine], logSeverityLevel: 3 }; // errors alone
    if (!tiled) return this.ort.InferenceSession.create(holder, options);
    const graph = await this._fetch(`${style.name}.tiles.onnx`);
    options.externalData = [{ path: `${style.name}.onnx`, data: holder }];
    return this.ort.InferenceSession.create(graph, options);
  }

  async _fetch(name) {
    if (!this.files.has(name)) {
      const response = await fetch(new URL(`./models/${encodeURIComponent(name)}`, import.meta.url));
      if (!response.ok) throw new Error(`models/${name} is not there (${response.status})`);
      this.files.set(name, new Uint8Array(await response.arrayBuffer()));
    }
    return this.files.get(name).slice();
  }

  _feeds(style, pixels, width, height, factor, seed, origin) {
    const { Tensor } = this.ort;
    const channels = style.noise_channels;
    const key = [seed, channels, width, height, origin.x, origin.y].join();
    if (this.noise.key !== key) {
      this.noise = { key, values: drawNoise(seed, channels, height, width, origin.y, origin.x) };
    }
    return {
      content: new Tensor("float32", toNumbers(pixels, width, height), [1, 3, height, width]),
      noise: new Tensor("float32", this.noise.values, [1, channels, height, width]),
      uncalibrated_factor: new Tensor("float32", new Float32Array([uncalibrated(style.calibration, factor)]), [1]),
    };
  }
}

/** RGBA bytes to the numbers of a network, (3, height, width) in [0, 1]. */
export function toNumbers(pixels, width, height) {
  const plane = width * height;
  const numbers = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    numbers[i] = pixels[4 * i] / 255;
    numbers[plane + i] = pixels[4 * i + 1] / 255;
    numbers[2 * plane + i] = pixels[4 * i + 2] / 255;
  }
  return numbers;
}

/** The numbers of a network to opaque RGBA bytes, rounded. */
export function toPixels(numbers, width, height) {
  const plane = width * height;
  const pixels = new Uint8ClampedArray(4 * plane);
  for (let i = 0; i < plane; i++) {
    pixels[4 * i] = 255 * numbers[i]; // this kind of array rounds
    pixels[4 * i + 1] = 255 * numbers[plane + i];
    pixels[4 * i + 2] = 255 * numbers[2 * plane + i];
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}
