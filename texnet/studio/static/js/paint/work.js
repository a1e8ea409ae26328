// What is painted at the moment: photo, network, strength, mask; and the pictures that the server makes of it.
import { picture, query, upload } from "../api.js";
import { debounce } from "../dom.js";
import { complain } from "../ui.js";
import { Levels, levelsUpTo } from "./levels.js";
import { Mask } from "./mask.js";

const REST = 140; // milliseconds without a move until the exact picture is asked for

export class Work {
  constructor(stage) {
    this.stage = stage;
    this.options = { photo: "", at: 0, network: "", seed: 0, keep_colors: 0, stroke_size: 1, size: 512 };
    this.other = "";
    this.factor = 1;
    this.range = { max_noise_factor: 2, fixed_noise_factor: 0, style: "" };
    this.mask = null;
    this.maskId = "";
    this.masks = 0;
    this.levels = null;
    this.outside = null;
    this.rest = debounce(REST, () => this.settle());
    this.serial = 0;
    this.shown = ""; // the photo on the stage, with its size
    this.closed = false;
    this.held = false;
  }

  get ready() { return Boolean(this.options.photo && this.options.network); }

  // Something other than the factor has changed: all levels are painted again.
  async change(values = {}) {
    if (this.closed) return;
    if ("photo" in values || "size" in values) this.dropMask();
    Object.assign(this.options, values);
    if (this.held) return;
    this.forget();
    const network = this.options.network || this.other;
    if (!this.options.photo || !network) return;
    const mine = ++this.serial; // an earlier change may be answered after a later one
    this.stage.busy.hidden = false;
    try {
      await this.showPhoto(network, mine);
      if (mine !== this.serial) return;
      this.levels = this.paintAhead(this.options.network);
      this.outside = this.other ? this.paintAhead(this.other) : null;
      await this.settle();
    } catch (error) {
      if (mine !== this.serial) return;
      this.stage.busy.hidden = true;
      complain(error);
    }
  }

  // As long as a camera has the stage, no photo is painted; what is changed meanwhile counts afterwards.
  hold(on) {
    this.held = on;
    this.serial += 1;
    this.forget();
    this.stage.busy.hidden = true;
    this.shown = "";
    if (on) this.dropMask();
    else this.change();
  }

  // What is painted at the moment is out of date.
  forget() {
    this.levels?.close();
    this.outside?.close();
    this.pending?.abort();
    this.levels = this.outside = null;
    this.isExact = false;
    delete this.stage.element.dataset.shown;
  }

  async showPhoto(network, mine) {
    const { photo, at, size } = this.options;
    const name = `${size} ${at} ${photo}`;
    if (name === this.shown) return;
    this.shown = "";
    this.bitmap = null;
    const bitmap = await createImageBitmap(await picture(query("/paint", { photo, at, size, network, factor: 0, exact: 1 })));
    if (mine !== this.serial) return;
    this.shown = name;
    this.bitmap = bitmap;
    this.stage.setPhoto(bitmap);
  }

  paintAhead(network) {
    const factors = levelsUpTo(this.range.max_noise_factor, this.range.fixed_noise_factor);
    const levels = new Levels({ ...this.options, network }, factors, () => this.isExact || this.fade());
    setTimeout(() => levels.run().catch(complain), 20); // behind the exact picture
    return levels;
  }

  move(factor) {
    this.factor = factor;
    this.isExact = false;
    this.pending?.abort();
    this.fade();
    this.rest();
  }

  fade() {
    const around = this.levels?.around(this.factor);
    if (around) this.stage.show(around, this.mask?.canvas, this.outside?.around(this.factor));
  }

  // The very picture that the command would give.
  async settle() {
    if (!this.levels) return;
    this.pending?.abort();
    const pending = new AbortController();
    this.pending = pending;
    this.stage.busy.hidden = false;
    try {
      const masked = this.mask ? { mask: this.maskId, other: this.other } : {};
      const bitmap = await this.levels.exact(this.factor, masked, pending.signal);
      if (pending.signal.aborted) return;
      this.isExact = true;
      this.stage.showExact(bitmap);
      this.stage.busy.hidden = true;
    } catch (error) {
      if (pending.signal.aborted) return;
      this.stage.busy.hidden = true;
      complain(error);
    }
  }

  needMask() {
    if (!this.mask && this.bitmap) this.mask = new Mask(this.bitmap.width, this.bitmap.height);
    return this.mask;
  }

  dropMask() {
    this.masks += 1;
    this.mask = null;
    this.maskId = "";
  }

  touchMask() {
    this.isExact = false;
    this.pending?.abort();
    this.fade();
  }

  async sendMask() {
    if (!this.mask) { this.rest(); return; }
    const mine = ++this.masks; // an earlier mask may arrive after a later one
    try {
      const { mask } = await upload("/masks", await this.mask.blob());
      if (mine !== this.masks) return;
      this.maskId = mask;
      this.rest();
    } catch (error) { complain(error); }
  }

  close() {
    this.closed = true;
    this.serial += 1;
    this.forget();
    this.stage.observer.disconnect();
  }

  // What a result at full size is made of.
  get order() {
    const masked = this.mask ? { mask: this.maskId, other: this.other } : {};
    const { photo, network, seed, keep_colors, stroke_size } = this.options;
    return { photo, network, seed, keep_colors, stroke_size, factor: this.factor, style: this.range.style, ...masked };
  }
}
