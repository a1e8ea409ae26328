// The third step: how much style, how large the strokes, how long; and every flag for those who ask for more.
import { h, replace } from "../dom.js";
import { choose, draft } from "../draft.js";
import { segments, slider } from "../ui.js";

const MINUTES = [[1, "first look"], [2, "sketch"], [6, "good"], [15, "better"], [60, "best"]];
const AMOUNTS = [2, 3, 4, 6, 8, 11, 15, 20, 28];
const USUAL_AMOUNT = AMOUNTS.indexOf(8);
const STROKES = [192, 256, 320, 384, 448, 512, 640, 768, 1024];
const USUAL_STROKE = STROKES.indexOf(512);
const PLAIN = new Set(["data_dir", "split", "categories", "texture"]);

export function settingsStep(context, changed) {
  const { settings } = draft;
  const set = (values) => { choose(values); changed(); };
  const nearest = (list, value, usual) => (value === undefined ? usual : list.reduce((best, one, at) => (Math.abs(one - value) < Math.abs(list[best] - value) ? at : best), 0));

  const minutes = segments("How long it trains", MINUTES.map(([value, note]) => ({ value, words: value === 60 ? "1 h" : `${value} min`, note })), settings.max_minutes,
    (value) => set({ max_minutes: value, max_steps: null, epochs: null }));
  const amount = slider({
    label: "How much style", min: 0, max: AMOUNTS.length - 1, step: 1, value: nearest(AMOUNTS, settings.style_weight, USUAL_AMOUNT), low: "more photo", high: "more style",
    show: (at) => (at === USUAL_AMOUNT ? "balanced" : at < USUAL_AMOUNT ? ["hint", "light", "soft", "mild"][at] : ["strong", "bold", "heavy", "all style"][at - USUAL_AMOUNT - 1]),
    onchange: (at) => set({ style_weight: at === USUAL_AMOUNT ? null : AMOUNTS[at] }),
  });
  const stroke = slider({
    label: "Stroke size", min: 0, max: STROKES.length - 1, step: 1, value: nearest(STROKES, settings.style_size, USUAL_STROKE), low: "fine", high: "broad",
    show: (at) => (at === USUAL_STROKE ? "usual" : `${Math.round((100 * STROKES[at]) / 512)} %`),
    onchange: (at) => set({ style_size: at === USUAL_STROKE ? null : STROKES[at] }),
  });
  const network = segments("Network", [
    { value: "residual", words: "Quality", note: "finer, starts from experience" },
    { value: "light", words: "Speed", note: "paints several times as fast" },
  ], settings.generator ?? "residual", (value) => set({ generator: value === "residual" ? null : value }));
  return h("div", { class: "stack wide" },
    h("div", { class: "stack tight" }, h("span", { class: "label" }, "Time to train"), minutes),
    h("div", { class: "two" }, amount.element, stroke.element),
    h("div", { class: "stack tight" }, h("span", { class: "label" }, "Network"), network),
    everyFlag(context.facts.options, set));
}

function everyFlag(options, set) {
  const place = h("div", {});
  const filter = h("input", { class: "input", type: "search", placeholder: "Find a setting", "aria-label": "Find a setting", oninput: () => draw() });
  const draw = () => {
    const words = filter.value.toLowerCase();
    const groups = new Map();
    for (const option of options) {
      if (PLAIN.has(option.name) || !`${option.name} ${option.help}`.toLowerCase().includes(words)) continue;
      groups.set(option.group, [...(groups.get(option.group) ?? []), option]);
    }
    replace(place, [...groups].map(([group, found]) => h("section", {}, h("h3", { style: { margin: "18px 0 6px" } }, group), found.map((option) => row(option, set)))));
  };
  return h("details", { class: "more", ontoggle: (event) => event.target.open && draw() }, h("summary", {}, "More: every setting"), h("div", { style: { "margin-top": "12px" } }, filter, place));
}

function row(option, set) {
  const id = `flag-${option.name}`;
  const value = draft.settings[option.name];
  const changed = value !== undefined;
  const shown = Array.isArray(option.default) ? option.default.join(" ") : option.default;
  const write = (given) => { set({ [option.name]: given }); element.classList.toggle("changed", draft.settings[option.name] !== undefined); };
  let control;
  if (option.kind === "switch") {
    control = choice(id, [["", `default: ${option.default ? "on" : "off"}`], ["true", "on"], ["false", "off"]], changed ? String(value) : "", (given) => write(given === "" ? null : given === "true"));
  } else if (option.choices.length) {
    control = choice(id, [["", `default${shown ? `: ${shown}` : ""}`], ...option.choices.map((one) => [one, one])], value ?? "", (given) => write(given || null));
  } else {
    const isNumber = option.kind === "integer" || option.kind === "number";
    control = h("input", {
      class: "input", id, value: Array.isArray(value) ? value.join(" ") : value ?? "", placeholder: shown === null || shown === "" ? "default" : `default: ${shown}`,
      inputMode: isNumber ? "decimal" : "text",
      onchange: (event) => {
        const given = event.target.value.trim();
        const number = isNumber && given !== "" && Number.isFinite(Number(given)) ? Number(given) : given;
        write(given === "" ? null : option.kind === "list" ? given.split(/[\s,]+/) : number);
      },
    });
  }
  const element = h("div", { class: `option${changed ? " changed" : ""}` }, h("label", { htmlFor: id }, `--${option.name}`), control, h("p", {}, option.help));
  return element;
}

function choice(id, pairs, value, onchange) {
  return h("select", { class: "input", id, onchange: (event) => onchange(event.target.value) },
    pairs.map(([key, words]) => h("option", { value: key, selected: key === value }, words)));
}
