// The stage: one canvas that shows paintings, cross-faded, and beside the photo where they are compared.

/** What is shown of `canvas` in `frame`, which fills `stage` as far as the picture's proportions allow. */
export class Stage {
  constructor({ stage, frame, canvas, wipe, split }) {
    Object.assign(this, { stage, frame, canvas, wipe, split });
    this.context = canvas.getContext("2d", { alpha: false });
    this.photo = null;
    this.shown = null;
    this.onlyPhoto = false;
    new ResizeObserver(() => this.fit()).observe(stage);
    split.addEventListener("input", () => this.draw());
  }

  get comparing() {
    return !this.wipe.hidden;
  }

  set comparing(on) {
    this.wipe.hidden = !on;
    this.draw();
  }

  /** Show another photo, a canvas; paintings of it have its size. */
  setPhoto(photo) {
    this.photo = photo;
    [this.canvas.width, this.canvas.height] = [photo.width, photo.height];
    this.fit();
    this.show({ under: photo, over: photo, share: 1 });
  }

  /** Show what `Levels.at` gave. */
  show(shown) {
    this.shown = shown;
    this.draw();
  }

  showPhotoAlone(on) {
    this.onlyPhoto = on;
    this.draw();
  }

  draw() {
    if (!this.shown || !this.photo) return;
    const { context } = this;
    const { width, height } = this.canvas;
    const { under, over, share } = this.shown;
    context.globalAlpha = 1;
    context.drawImage(this.onlyPhoto ? this.photo : under, 0, 0, width, height);
    if (this.onlyPhoto) return;
    if (over !== under) {
      context.globalAlpha = share;
      context.drawImage(over, 0, 0, width, height);
      context.globalAlpha = 1;
    }
    if (this.comparing) this._drawBefore(width, height);
  }

  /** Give the canvas the largest size on the screen that its proportions and the stage allow. */
  fit() {
    const style = getComputedStyle(this.stage);
    const [top, right, bottom, left] = ["Top", "Right", "Bottom", "Left"].map((side) => parseFloat(style[`padding${side}`]));
    const room = { width: this.stage.clientWidth - left - right, height: this.stage.clientHeight - top - bottom };
    const scale = Math.min(room.width / this.canvas.width, room.height / this.canvas.height);
    this.frame.style.setProperty("--shown-width", `${Math.round(this.canvas.width * scale)}px`);
    this.frame.style.setProperty("--shown-height", `${Math.round(this.canvas.height * scale)}px`);
  }

  _drawBefore(width, height) {
    const share = Number(this.split.value) / 100;
    this.frame.style.setProperty("--split", `${100 * share}%`);
    const edge = Math.round(share * width);
    if (edge > 0) this.context.drawImage(this.photo, 0, 0, edge, height, 0, 0, edge, height);
  }
}
