// Words and windows over the page: toasts, dialogs, spoken progress, small controls.
import { h } from "./dom.js";
import { icon } from "./icons.js";

export function toast(...words) {
  const shown = h("div", { class: "toast" }, ...words);
  document.getElementById("toasts").append(shown);
  setTimeout(() => shown.remove(), 6000);
}

export const complain = (error) => error.name === "AbortError" || toast(error.message);

export function speak(words) {
  const place = document.getElementById("spoken");
  if (place.textContent !== words) place.textContent = words;
}

export function dialog(title, ...children) {
  const window = h("dialog", { "aria-label": title, onclose: () => window.remove(), onclick: (event) => event.target === window && window.close() });
  const close = button("", "close", () => window.close(), { class: "button quiet icon", "aria-label": "Close" });
  window.append(h("header", {}, h("h2", {}, title), close), ...children);
  document.body.append(window);
  window.showModal();
  return window;
}

export function ask(title, words, yes) {
  return new Promise((resolve) => {
    const window = dialog(title, h("p", {}, words), h("div", { class: "row", style: { "margin-top": "20px", "justify-content": "flex-end" } },
      button("Cancel", null, () => window.close()),
      button(yes, null, () => { resolve(true); window.close(); }, { class: "button primary" })));
    window.addEventListener("close", () => resolve(false));
  });
}

export function button(words, picture, action, attributes = {}) {
  return h("button", { type: "button", class: "button", onclick: action, ...attributes }, picture && icon(picture), words);
}

export function slider({ label, min, max, step, value, show = String, low = "", high = "", oninput, onchange }) {
  const shown = h("output", { class: "numbers" });
  const input = h("input", { type: "range", class: "slider", min, max, step, "aria-label": label });
  const update = () => {
    const at = (100 * (input.value - input.min)) / (input.max - input.min || 1);
    input.style.setProperty("--at", `${at}%`);
    shown.textContent = show(Number(input.value));
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.value = value;
  input.addEventListener("input", () => { update(); oninput?.(Number(input.value)); });
  input.addEventListener("change", () => onchange?.(Number(input.value)));
  update();
  const ends = (low || high) && h("div", { class: "slider-ends" }, h("span", {}, low), h("span", {}, high));
  const element = h("div", { class: "slider-row" }, h("div", { class: "slider-head" }, h("span", { class: "label" }, label), shown), input, ends);
  const write = (number, limits = {}) => { Object.assign(input, limits); input.value = number; update(); };
  return { element, input, shown, write };
}

export function segments(label, choices, value, onchange) {
  const name = `choice-${Math.random().toString(36).slice(2)}`;
  return h("div", { class: "segments", role: "radiogroup", "aria-label": label }, choices.map((choice) =>
    h("label", {}, h("input", { type: "radio", name, value: choice.value, checked: choice.value === value, onchange: () => onchange(choice.value) }),
      h("b", {}, choice.words), choice.note && h("small", {}, choice.note))));
}

export const bar = (share, label) => h("div", { class: "bar", role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(100 * share) },
  h("span", { style: { width: `${100 * share}%` } }));

export const pill = (state) => h("span", { class: `pill ${state}` }, state);

export async function copy(words) {
  await navigator.clipboard.writeText(words);
  toast("Copied.");
}
