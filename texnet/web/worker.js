// The worker: answers calls of engine.js one after the other, so that the page itself never waits for a network.

import { FullSize } from "./fullsize.js";
import { Networks } from "./networks.js";

let networks = null;
let full = null;

const CALLS = {
  async start({ engine }) {
    networks = await Networks.start(engine);
  },
  async load({ style }) {
    await networks.load(style);
  },
  async paint({ style, pixels, width, height, factor, seed }) {
    const begin = performance.now();
    const painted = await networks.paint(style, pixels, width, height, factor, seed);
    return { pixels: painted, milliseconds: performance.now() - begin };
  },
  async fullOpen(settings) {
    full = new FullSize(networks, settings);
    return full.plan();
  },
  async fullMeasure() {
    await full.measure();
  },
  async fullTile({ index }) {
    await full.tile(index);
  },
  async fullClose({ type, quality }) {
    const blob = await full.close(type, quality);
    full = null;
    return blob;
  },
  async fullCancel() {
    full = null;
  },
};

let last = Promise.resolve();

self.onmessage = ({ data: { id, call, values } }) => {
  last = last.then(async () => {
    try {
      const result = await CALLS[call](values);
      self.postMessage({ id, result }, result?.pixels ? [result.pixels.buffer] : []);
    } catch (error) {
      self.postMessage({ id, error: String(error?.message ?? error) });
    }
  });
};
