// A picture in its full size: in one piece where the memory suffices, else in tiles that share statistics. Runs in a worker.

import { planTiles, sizeWithin } from "./tiles.js";

/** One painting in full size; `bitmap` is the photo, `memory` the bytes that a network may use. */
export class FullSize {
  constructor(networks, { style, bitmap, factor, seed, memory }) {
    Object.assign(this, { networks, style, bitmap, factor, seed });
    const { width, height } = bitmap;
    const pixels = memory / style.bytes_per_pixel;
    this.source = onWhite(bitmap);
    this.whole = width * height <= pixels || factor === 0;
    this.reduced = sizeWithin(width, height, pixels);
    this.tiles = this.whole ? [wholePicture(width, height)] : planTiles(width, height, style);
    this.target = contextOf(width, height);
    this.statistics = null;
  }

  /** How it will be painted: in how many tiles, and of which size the picture is that they take their statistics from. */
  plan() {
    return { tiles: this.tiles.length, whole: this.whole, reduced: this.reduced };
  }

  /** Measure the statistics of all norms on the reduced picture; nothing to do for a picture in one piece. */
  async measure() {
    if (this.whole) return;
    const { width, height } = this.reduced;
    const small = await createImageBitmap(this.bitmap, {
      resizeWidth: width,
      resizeHeight: height,
      resizeQuality: "high",
    });
    const { data } = onWhite(small).getImageData(0, 0, width, height);
    small.close();
    const origin = { x: 0, y: 0 };
    const { statistics } = await this.networks.paintTile(
      this.style, data, width, height, this.factor, this.seed, origin, null,
    );
    this.statistics = statistics;
  }

  async tile(index) {
    const tile = this.tiles[index];
    const { x, y, width, height } = tile.outer;
    const { data } = this.source.getImageData(x, y, width, height);
    const pixels = this.factor === 0 ? data : await this._paint(data, width, height, { x, y });
    const [left, top] = [tile.x - x, tile.y - y];
    this.target.putImageData(new ImageData(pixels, width, height), x, y, left, top, tile.width, tile.height);
  }

  async _paint(data, width, height, origin) {
    const settings = [this.style, data, width, height, this.factor, this.seed, origin];
    if (this.whole) return this.networks.paint(...settings);
    return (await this.networks.paintTile(...settings, this.statistics)).pixels;
  }

  /** The file. An Error where this browser has no memory for such a picture. */
  async close(type, quality) {
    const blob = await this.target.canvas.convertToBlob({ type, quality });
    if (!blob?.size) throw new Error("this browser has no memory for a picture of this size");
    return blob;
  }
}

function wholePicture(width, height) {
  return { x: 0, y: 0, width, height, outer: { x: 0, y: 0, width, height } };
}

function onWhite(bitmap) {
  const context = contextOf(bitmap.width, bitmap.height);
  context.fillStyle = "white";
  context.fillRect(0, 0, bitmap.width, bitmap.height);
  context.drawImage(bitmap, 0, 0);
  return context;
}

function contextOf(width, height) {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser has no memory for a picture of this size");
  return context;
}
