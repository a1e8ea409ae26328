// Paintings of one photo at several strengths, and what lies between them: cross-fades until the exact one is painted.

const STEP = 0.25; // between the strengths that are painted ahead
const MOST = 32; // strengths that are kept of a set

/**
 * The paintings of one photo by one style and seed. `photo` is what strength 0 shows, `fixed` the only strength of a network
 * that has one alone, or 0.
 */
export class Levels {
  constructor(photo, largest, fixed = 0) {
    this.painted = new Map([[0, photo]]);
    this.ahead = fixed ? [fixed] : steps(largest);
    this.failed = false;
  }

  has(factor) {
    return this.painted.has(factor);
  }

  add(factor, picture) {
    this.painted.set(factor, picture);
    const others = [...this.painted.keys()].filter((level) => level !== 0 && !this.ahead.includes(level));
    if (this.painted.size > MOST && others.length) this.painted.delete(others[0]);
  }

  /** The nearest strength that is to be painted ahead and is not yet, or null. */
  missing(factor) {
    const left = this.ahead.filter((level) => !this.painted.has(level));
    if (left.length === 0) return null;
    return left.reduce((best, level) => (Math.abs(level - factor) < Math.abs(best - factor) ? level : best));
  }

  /**
   * What stands for a strength now: `under`, with `over` drawn upon it by the share `share`. Exact where both are one.
   */
  at(factor) {
    const exact = this.painted.get(factor);
    if (exact) return { under: exact, over: exact, share: 1, exact: true };
    const known = [...this.painted.keys()].sort((a, b) => a - b);
    const above = known.findIndex((level) => level > factor);
    if (above < 0) {
      const last = this.painted.get(known[known.length - 1]);
      return { under: last, over: last, share: 1, exact: false };
    }
    const [low, high] = [known[above - 1], known[above]];
    return {
      under: this.painted.get(low),
      over: this.painted.get(high),
      share: (factor - low) / (high - low),
      exact: false,
    };
  }

  /** Which of the strengths that are painted ahead are there, for the marks under the slider. */
  progress() {
    return this.ahead.map((level) => ({ level, painted: this.painted.has(level) }));
  }
}

/** The newest few sets of levels by their keys, the others forgotten: memory is limited. */
export class LevelCache {
  constructor(size = 4) {
    this.size = size;
    this.sets = new Map();
  }

  get(key, make) {
    const found = this.sets.get(key) ?? make();
    this.sets.delete(key);
    this.sets.set(key, found);
    while (this.sets.size > this.size) this.sets.delete(this.sets.keys().next().value);
    return found;
  }

  clear() {
    this.sets.clear();
  }
}

function steps(largest) {
  const count = Math.floor(largest / STEP + 1e-9);
  const levels = Array.from({ length: count }, (_, i) => (i + 1) * STEP);
  return levels.length && levels[count - 1] === largest ? levels : [...levels, largest];
}
