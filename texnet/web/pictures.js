// Pictures: opened from files, the clipboard or a drop, reduced to the size that is painted on the page.

import { sizeAt } from "./tiles.js";

/** A picture: `bitmap` in its full size, upright, on white, and its `name` without a suffix. An Error names what is none. */
export async function openPicture(blob, name = "picture") {
  try {
    const bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
    return { bitmap, name: name.replace(/\.[^.]*$/, "") || "picture" };
  } catch {
    throw new Error(`${name} is no picture that this browser reads: use JPEG, PNG, WebP or AVIF`);
  }
}

/** The picture reduced to a long side of at most so many pixels: a canvas. */
export async function reduced(bitmap, longSide) {
  const { width, height } = sizeAt(bitmap.width, bitmap.height, longSide);
  const same = width === bitmap.width && height === bitmap.height;
  const small = same
    ? bitmap
    : await createImageBitmap(bitmap, { resizeWidth: width, resizeHeight: height, resizeQuality: "high" });
  const canvas = canvasOf(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(small, 0, 0);
  if (!same) small.close();
  return canvas;
}

/** A canvas of RGBA pixels. */
export function canvasFrom(pixels, width, height) {
  const canvas = canvasOf(width, height);
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas;
}

/** All pixels of a canvas: an ImageData. */
export function pixelsOf(canvas) {
  return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
}

/** The first picture among dropped or pasted things, a File, or null. */
export function pictureIn(transfer) {
  const files = [...(transfer?.files ?? [])];
  return files.find((file) => file.type.startsWith("image/")) ?? files[0] ?? null;
}

/** Let the browser save a file. */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return canvas;
}
