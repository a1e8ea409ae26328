// Saving: as it is shown, or in full size, in one piece or in tiles.

const MIB = 2 ** 20;
const LARGEST_SIDE = 16384; // of a canvas in common browsers, pixels

/** Bytes that a network may use here at once: phones end pages that use much. */
export function memoryFor({ deviceMemory, small }) {
  if (small) return 384 * MIB;
  return (deviceMemory && deviceMemory <= 4 ? 512 : 1024) * MIB;
}

/** Name of a file: picture, style, strength and seed, as far as they are not the usual ones. */
export function fileName(picture, { style, factor, seed }, suffix) {
  const marks = [factor === 1 ? "" : `_${Number(factor.toFixed(2))}`, seed === "0" ? "" : `_seed-${seed}`];
  return `${picture}_${style.name}${marks.join("")}.${suffix}`;
}

/** What a full size would be: null where the preview has it, else {width, height, whole, reason}. */
export function fullSizeOf(bitmap, photo, style, memory) {
  if (bitmap.width === photo.width && bitmap.height === photo.height) return null;
  const { width, height } = bitmap;
  const tooLarge = Math.max(width, height) > LARGEST_SIDE;
  return { width, height, tooLarge, whole: width * height * style.bytes_per_pixel <= memory };
}

/** What a saved picture is, in honest words. */
export function explain(full) {
  if (!full) return "Saved as shown: the picture is painted in its full size.";
  const strokes = "Strokes keep their size in pixels, so they look finer than here.";
  if (full.tooLarge) return `Full size is for sides of up to ${LARGEST_SIDE} px; texnet stylize has no such limit.`;
  if (full.whole) return `Full size is painted in one piece. ${strokes}`;
  return (
    `Full size is painted in tiles without seams, all with the contrast and colors measured on a reduced copy: ` +
    `it can differ a little from a picture painted in one piece. ${strokes}`
  );
}

/** Paint in full size: a Blob, or null where `stopped()` became true. `progress` gets shares from 0 to 1. */
export async function paintFull(engine, bitmap, settings, memory, { progress, stopped }) {
  const { style, factor, seed } = settings;
  const values = { style, bitmap, factor, seed: String(seed), memory };
  const { tiles, whole } = await engine.call("fullOpen", values);
  const steps = tiles + (whole ? 0 : 1);
  await engine.call("fullMeasure");
  for (let index = 0; index < tiles; index++) {
    progress((index + steps - tiles) / steps);
    if (stopped()) {
      await engine.call("fullCancel");
      return null;
    }
    await engine.call("fullTile", { index });
  }
  progress(1);
  return engine.call("fullClose", { type: "image/png" });
}
