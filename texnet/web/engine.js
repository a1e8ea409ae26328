// The page's side of the workers, and the choice between them: WebGPU only where a test finds it equal to wasm, and faster.

const TEST = { width: 93, height: 61 }; // pixels: odd, so that the padding takes part
const TIMED = { width: 256, height: 256 };
const LARGEST_DIFFERENCE = 1; // of a byte

/** A worker with one engine: `call` answers with a promise. */
export class Engine {
  constructor(kind) {
    this.kind = kind;
    this.calls = new Map();
    this.number = 0;
    this.worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data: { id, result, error } }) => {
      const { resolve, reject } = this.calls.get(id);
      this.calls.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    };
    this.worker.onerror = (event) => {
      for (const { reject } of this.calls.values()) reject(new Error(event.message || "the worker did not start"));
      this.calls.clear();
    };
    this.started = this.call("start", { engine: kind });
  }

  call(call, values = {}, transfer = []) {
    const id = this.number++;
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject });
      this.worker.postMessage({ id, call, values }, transfer);
    });
  }

  /** RGBA pixels of `image`, an ImageData, painted: {pixels, milliseconds}. */
  async paint(style, image, factor, seed) {
    await this.started;
    const { width, height } = image;
    return this.call("paint", { style, pixels: image.data, width, height, factor, seed: String(seed) });
  }

  stop() {
    this.worker.terminate();
  }
}

/**
 * The engine for a style: WebGPU's where there is a graphics processor, where it gives wasm's picture and where it is faster.
 *
 * {engine, reason}: what was found. `start` gives the engine to try, `any` also takes a graphics processor that is a program.
 * Never throws: what fails there is a reason for wasm.
 */
export async function chooseEngine(wasm, style, { start, any = false }) {
  const stay = (reason) => ({ engine: wasm, reason });
  try {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) return stay("no WebGPU here");
    const emulated = adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter;
    if (emulated && !any) return stay("WebGPU is only emulated here");
    const trial = start();
    const difference = await largestDifference(wasm, trial, style);
    if (!(difference <= LARGEST_DIFFERENCE)) return stay(`WebGPU differs by ${difference}/255 here`);
    const [slow, fast] = [await time(wasm, style), await time(trial, style)];
    if (fast >= slow && !any) return stay("WebGPU is slower here");
    return { engine: trial, reason: `WebGPU, equal to wasm, ${(slow / fast).toFixed(1)} times as fast` };
  } catch (error) {
    return stay(`WebGPU failed: ${error.message}`);
  }
}

/** The largest difference of a byte between two engines, of one small picture at two strengths. */
export async function largestDifference(first, second, style) {
  const image = testImage(TEST);
  let largest = 0;
  for (const share of style.fixed_noise_factor ? [1] : [0.3, 1]) {
    const factor = share * style.max_noise_factor;
    const [a, b] = [await first.paint(style, image, factor, 1), await second.paint(style, image, factor, 1)];
    for (let i = 0; i < a.pixels.length; i++) largest = Math.max(largest, Math.abs(a.pixels[i] - b.pixels[i]));
  }
  return largest;
}

async function time(engine, style) {
  const image = testImage(TIMED);
  await engine.paint(style, image, style.max_noise_factor, 1); // compiles
  return (await engine.paint(style, image, style.max_noise_factor, 1)).milliseconds;
}

function testImage({ width, height }) {
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    pixels.set([(3 * x) % 256, (5 * y) % 256, (x * y) % 256, 255], 4 * i);
  }
  return new ImageData(pixels, width, height);
}
