// Seeded noise, anchored in the picture: the same integers as texnet/generators/noise.py, normals up to 1e-6.

const MULTIPLIER = 1664525;
const INCREMENT = 1013904223;
const LANES = 4; // pixels, one below the other, that share a hash
const ANGLE = Math.fround(Math.PI / 2 ** 23);

/**
 * Four 32-bit words out of four, signed, a bijection (Jarzynski & Olano 2020): written into `out`.
 */
export function pcg4d(x, y, z, w, out) {
  x = (Math.imul(x, MULTIPLIER) + INCREMENT) | 0;
  y = (Math.imul(y, MULTIPLIER) + INCREMENT) | 0;
  z = (Math.imul(z, MULTIPLIER) + INCREMENT) | 0;
  w = (Math.imul(w, MULTIPLIER) + INCREMENT) | 0;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  out[0] = x;
  out[1] = y;
  out[2] = z;
  out[3] = w;
}

/**
 * Standard normal noise, a Float32Array of (channels, height, width): a function of seed, channel and place of each pixel.
 * `top` and `left` are the place of the upper left corner, pixels. The seed is a whole number or a BigInt, modulo 2^64.
 */
export function drawNoise(seed, channels, height, width, top = 0, left = 0) {
  const noise = new Float32Array(channels * height * width);
  const key = new Int32Array(4);
  const words = new Int32Array(4);
  const bits = BigInt.asUintN(64, BigInt(seed));
  const low = Number(bits & 0xffffffffn) | 0;
  const high = Number(bits >> 32n) | 0;
  for (let channel = 0; channel < channels; channel++) {
    pcg4d(low, high, 0, channel, key);
    const plane = channel * height * width;
    for (let block = top >> 2; block * LANES < top + height; block++) {
      const first = block * LANES - top; // of four rows of the result, some of them outside it
      for (let column = 0; column < width; column++) {
        pcg4d((left + column + key[0]) | 0, (block + key[1]) | 0, key[2], key[3], words);
        const place = plane + column;
        for (let pair = 0; pair < 4; pair += 2) {
          const uniform = ((words[pair] >> 8) + 2 ** 23 + 1) * 2 ** -24; // in (0, 1], exact
          const radius = Math.sqrt(-2 * Math.log(uniform));
          const angle = Math.fround((words[pair + 1] >> 8) * ANGLE); // in [-pi, pi)
          const row = first + pair;
          if (row >= 0 && row < height) noise[place + row * width] = Math.cos(angle) * radius;
          if (row + 1 >= 0 && row + 1 < height) noise[place + (row + 1) * width] = Math.sin(angle) * radius;
        }
      }
    }
  }
  return noise;
}
