// The picture: painted canvas, the photo over it up to a divider, zoom, and the brush's ring.
import { h } from "../dom.js";

const ZOOMS = [1, 1.5, 2, 3, 4];

export class Stage {
  constructor({ onstroke, onstrokeend }) {
    this.canvas = h("canvas", { role: "img", "aria-label": "The painted picture" });
    this.photo = h("canvas", { class: "before", hidden: true, "aria-hidden": "true" });
    this.divider = h("button", { type: "button", class: "divider", hidden: true, role: "slider", "aria-label": "Before and after", "aria-valuemin": 0, "aria-valuemax": 100, onkeydown: (event) => this.onArrow(event) });
    this.ring = h("div", { class: "ring", hidden: true });
    this.sheet = h("div", { class: "sheet" }, this.canvas, this.photo, this.divider, this.ring);
    this.scroller = h("div", { class: "scroller", tabIndex: 0, role: "group", "aria-label": "Picture" }, this.sheet);
    this.tag = h("span", { class: "tag", hidden: true });
    this.busy = h("div", { class: "spinner busy-mark", hidden: true, "aria-hidden": "true" });
    this.element = h("div", { class: "stage" }, this.tag, this.busy, this.scroller);
    this.work = h("canvas");
    this.zoom = 0;
    this.aspect = 1; // of a pixel, which some videos stretch
    this.brush = null;
    this.onstroke = onstroke;
    this.onstrokeend = onstrokeend;
    this.split(50);
    this.sheet.addEventListener("pointerdown", (event) => this.onDown(event));
    this.sheet.addEventListener("pointermove", (event) => this.onMove(event));
    this.sheet.addEventListener("pointerleave", () => { this.ring.hidden = true; });
    for (const name of ["pointerup", "pointercancel"]) this.sheet.addEventListener(name, () => this.onUp());
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.element);
  }

  // The photo at preview size, over which everything is drawn.
  setPhoto(bitmap) {
    for (const canvas of [this.canvas, this.photo, this.work]) Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
    this.bitmap = bitmap;
    this.photo.getContext("2d").drawImage(bitmap, 0, 0);
    this.canvas.getContext("2d").drawImage(bitmap, 0, 0);
    this.fit();
  }

  fit() {
    if (!this.bitmap) return;
    const { clientWidth } = this.element;
    const most = parseFloat(getComputedStyle(this.scroller).maxHeight) || 700;
    const width = this.bitmap.width * this.aspect;
    const scale = Math.min(clientWidth / width, most / this.bitmap.height) * ZOOMS[this.zoom];
    this.sheet.style.width = `${Math.floor(width * scale)}px`;
    this.sheet.style.height = `${Math.floor(this.bitmap.height * scale)}px`;
  }

  stretch(aspect) {
    this.aspect = aspect;
    this.fit();
  }

  zoomBy(by) {
    this.zoom = by === 0 ? 0 : Math.min(ZOOMS.length - 1, Math.max(0, this.zoom + by));
    this.fit();
  }

  // A fade between two levels; with a mask only where it is, and elsewhere what is outside of it.
  show(levels, mask, outside) {
    this.element.dataset.shown = "fade";
    const context = this.canvas.getContext("2d");
    if (!mask) { blend(context, levels); return; }
    const inner = this.work.getContext("2d");
    blend(inner, levels);
    inner.globalCompositeOperation = "destination-in";
    inner.drawImage(mask, 0, 0, this.work.width, this.work.height);
    inner.globalCompositeOperation = "source-over";
    if (outside) blend(context, outside);
    else context.drawImage(this.bitmap, 0, 0);
    context.drawImage(this.work, 0, 0);
  }

  showExact(bitmap) {
    this.element.dataset.shown = "exact";
    this.canvas.getContext("2d").drawImage(bitmap, 0, 0, this.canvas.width, this.canvas.height);
  }

  // A camera's picture, and what was painted of it.
  showLive(photo, painted) {
    this.element.dataset.shown = "live";
    if (photo.width !== this.canvas.width || photo.height !== this.canvas.height) this.setPhoto(photo);
    this.photo.getContext("2d").drawImage(photo, 0, 0);
    this.canvas.getContext("2d").drawImage(painted, 0, 0);
  }

  compare(on) {
    this.photo.hidden = !on;
    this.divider.hidden = !on;
    this.label(on ? "photo | painted" : "");
  }

  // Only the photo, as long as a key is held.
  peek(on) {
    this.photo.hidden = !on && this.divider.hidden;
    this.photo.style.clipPath = on ? "none" : "";
    this.label(on ? "photo" : this.divider.hidden ? "" : "photo | painted");
  }

  label(words) { this.tag.textContent = words; this.tag.hidden = !words; }

  split(percent) {
    this.at = Math.min(100, Math.max(0, percent));
    this.sheet.style.setProperty("--split", `${this.at}%`);
    this.divider.setAttribute("aria-valuenow", Math.round(this.at));
  }

  onArrow(event) {
    const by = { ArrowLeft: -2, ArrowRight: 2, Home: -100, End: 100 }[event.key];
    if (by) { this.split(this.at + by); event.preventDefault(); }
  }

  place(event) {
    const box = this.sheet.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height, width: box.width };
  }

  onDown(event) {
    if (event.button) return;
    if (this.brush) { this.drags = "brush"; this.onstroke(this.place(event), true); event.preventDefault(); }
    else if (!this.divider.hidden) { this.drags = "split"; this.split(100 * this.place(event).x); }
    else return;
    this.sheet.setPointerCapture(event.pointerId);
  }

  onMove(event) {
    const place = this.place(event);
    if (this.brush) this.moveRing(place);
    if (this.drags === "split") this.split(100 * place.x);
    else if (this.drags === "brush") for (const one of event.getCoalescedEvents?.() ?? [event]) this.onstroke(this.place(one), false);
  }

  onUp() {
    if (this.drags === "brush") this.onstrokeend();
    this.drags = null;
  }

  moveRing(place) {
    const size = `${(this.brush.size / this.canvas.width) * place.width}px`;
    this.ring.hidden = false;
    Object.assign(this.ring.style, { width: size, height: size, left: `${100 * place.x}%`, top: `${100 * place.y}%` });
  }

  setBrush(brush) {
    this.brush = brush;
    this.sheet.classList.toggle("brushing", Boolean(brush));
    if (!brush) this.ring.hidden = true;
  }
}

function blend(context, { low, high, share }) {
  const { width, height } = context.canvas;
  context.globalAlpha = 1;
  context.drawImage(low, 0, 0, width, height);
  if (share > 0) {
    context.globalAlpha = share;
    context.drawImage(high, 0, 0, width, height);
    context.globalAlpha = 1;
  }
}
