// The panel: strength, style, seed and the size of the preview.

import { defaultFactor } from "./painting.js";

const KEY_STEP = 0.05; // of the strength, by an arrow key anywhere on the page

/** The controls of a page for a Painting; `part` finds an element by its id. */
export class Controls {
  constructor(part, painting) {
    Object.assign(this, { part, painting });
    this._addStyles();
    part("strength").addEventListener("input", () => this.setStrength(Number(part("strength").value)));
    part("seed").addEventListener("change", () => this.setSeed(part("seed").value));
    part("dice").addEventListener("click", () => this.roll());
    part("detail").addEventListener("change", () => painting.set({ detail: Number(part("detail").value) }));
    this.chooseStyle(painting.styles[0]);
  }

  setStrength(factor) {
    this.painting.set({ factor });
    this._showStrength();
  }

  /** Weaker or stronger by a step, -1 or 1. */
  stepStrength(direction) {
    const { style, factor } = this.painting.settings;
    const step = style.fixed_noise_factor || KEY_STEP;
    const next = Math.round((factor + direction * step) / step) * step;
    this.setStrength(Math.min(style.max_noise_factor, Math.max(0, Number(next.toFixed(2)))));
  }

  chooseStyle(style) {
    const fits = !style.fixed_noise_factor && this.painting.settings.factor <= style.max_noise_factor;
    this.painting.set({ style, ...(fits ? {} : { factor: defaultFactor(style) }) });
    this.part("styles").querySelector(`input[value="${CSS.escape(style.name)}"]`).checked = true;
    const slider = this.part("strength");
    slider.max = style.max_noise_factor;
    slider.step = style.fixed_noise_factor || 0.01;
    const one = this.part("word-style");
    one.hidden = style.max_noise_factor <= 1 || Boolean(style.fixed_noise_factor);
    one.style.setProperty("--at", atShare(1 / style.max_noise_factor));
    this.part("word-strong").textContent = style.max_noise_factor > 1 && !style.fixed_noise_factor ? "stronger" : "style";
    this._showStrength();
  }

  setSeed(words) {
    const seed = String(BigInt(words.replace(/\D/g, "") || "0"));
    this.part("seed").value = seed;
    this.painting.set({ seed });
  }

  roll() {
    this.setSeed(String(Math.floor(Math.random() * 10_000)));
  }

  /** Marks under the slider: which strengths are painted ahead. */
  showProgress(progress) {
    const marks = this.part("marks");
    const { max_noise_factor: largest } = this.painting.settings.style;
    while (marks.children.length > progress.length) marks.lastChild.remove();
    while (marks.children.length < progress.length) marks.append(document.createElement("i"));
    progress.forEach(({ level, painted }, i) => {
      marks.children[i].style.setProperty("--at", `${(100 * level) / largest}%`);
      marks.children[i].classList.toggle("painted", painted);
    });
  }

  _showStrength() {
    const { factor, style } = this.painting.settings;
    const slider = this.part("strength");
    slider.value = factor;
    slider.style.setProperty("--filled", atShare(factor / style.max_noise_factor));
    slider.setAttribute("aria-valuetext", factor === 0 ? "the photo" : factor.toFixed(2));
    this.part("strength-number").textContent = factor.toFixed(2);
  }

  _addStyles() {
    for (const style of this.painting.styles) {
      const label = document.createElement("label");
      const [input, image, name] = ["input", "img", "span"].map((tag) => document.createElement(tag));
      Object.assign(input, { type: "radio", name: "style", value: style.name });
      Object.assign(image, { src: `models/${encodeURIComponent(style.name)}.jpg`, alt: "", draggable: false });
      name.textContent = style.name.replaceAll("_", " ");
      label.title = style.license ? `${style.name}: ${style.license}` : style.name;
      input.addEventListener("change", () => this.chooseStyle(style));
      label.append(input, image, name);
      this.part("styles").append(label);
    }
  }
}

// where the middle of a range's thumb is, for a share of its way
function atShare(share) {
  return `calc(13px + ${share} * (100% - 26px))`;
}
