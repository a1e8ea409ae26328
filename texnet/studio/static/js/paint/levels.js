// Pictures at a few noise factors, painted ahead, between which the slider fades at once.
import { picture, query } from "../api.js";

const FINE = 0.125;

// Coarse first: wherever the slider is, two levels around it are there early.
export function levelsUpTo(most, fixed) {
  if (fixed) return [0, fixed];
  const ordered = [0, 1];
  if (most > 1) ordered.push(most);
  for (const step of [0.5, 0.25, FINE]) {
    for (let level = step; level < most; level += step) if (level <= 1 || step >= 0.25) ordered.push(Number(level.toFixed(4)));
  }
  return [...new Set(ordered)].filter((level) => level <= most);
}

export class Levels {
  constructor(options, factors, onlevel) {
    this.options = options;
    this.factors = factors;
    this.onlevel = onlevel;
    this.ready = new Map();
    this.stop = new AbortController();
    this.held = null;
  }

  async run() {
    for (const factor of this.factors) {
      await this.held;
      if (this.stop.signal.aborted) return;
      const bitmap = await this.fetch({ factor, exact: 0 });
      if (this.stop.signal.aborted) return;
      this.ready.set(factor, bitmap);
      this.onlevel(factor);
    }
  }

  // The exact picture at a factor; levels wait meanwhile.
  async exact(factor, more, signal) {
    let release;
    this.held = new Promise((resolve) => { release = resolve; });
    try {
      return await this.fetch({ factor, exact: 1, ...more }, signal);
    } finally { release(); }
  }

  async fetch(values, signal) {
    const blob = await picture(query("/paint", { ...this.options, ...values }), signal ?? this.stop.signal);
    return createImageBitmap(blob);
  }

  close() { this.stop.abort(); }

  // The two levels around a factor that are there, and how far it is to the higher one.
  around(factor) {
    const there = [...this.ready.keys()].sort((a, b) => a - b);
    if (!there.length) return null;
    const high = there.find((level) => level >= factor) ?? there.at(-1);
    const low = there.findLast((level) => level <= factor) ?? there[0];
    const share = high === low ? 0 : (factor - low) / (high - low);
    return { low: this.ready.get(low), high: this.ready.get(high), share };
  }
}
