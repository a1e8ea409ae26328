// How a picture too large for the memory is cut into tiles that overlap.

const SIDE = 640; // of a tile with its halo, pixels

/**
 * Tiles of a picture, row by row: {x, y, width, height} of what is kept of each, and `outer`, the same of what is painted.
 *
 * Tiles begin at multiples of the network's stride. `halo` is how far a tile reaches beyond what is kept, pixels, but not
 * beyond the picture.
 */
export function planTiles(width, height, { stride, halo }, side = SIDE) {
  const columns = cut(width, stride, halo, side);
  return cut(height, stride, halo, side).flatMap((row) =>
    columns.map((column) => ({
      x: column.start,
      y: row.start,
      width: column.end - column.start,
      height: row.end - row.start,
      outer: {
        x: column.outerStart,
        y: row.outerStart,
        width: column.outerEnd - column.outerStart,
        height: row.outerEnd - row.outerStart,
      },
    })),
  );
}

/**
 * Width and height reduced, with their proportions, to at most so many pixels in all; as they are where these suffice.
 */
export function sizeWithin(width, height, pixels) {
  const scale = Math.min(1, Math.sqrt(pixels / (width * height)));
  return scale === 1
    ? { width, height }
    : { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

/**
 * Width and height reduced, with their proportions, to a long side of at most so many pixels, as texnet's --max_size does.
 */
export function sizeAt(width, height, longSide) {
  const scale = Math.min(1, longSide / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

// One axis: parts of about equal length.
function cut(length, stride, halo, side) {
  const most = Math.max(stride, Math.floor((side - 2 * halo) / stride) * stride);
  const count = Math.ceil(length / most);
  const step = Math.ceil(length / count / stride) * stride;
  const parts = [];
  for (let start = 0; start < length; start += step) {
    const end = Math.min(length, start + step);
    parts.push({ start, end, outerStart: Math.max(0, start - halo), outerEnd: Math.min(length, end + halo) });
  }
  return parts;
}
