// The guide: photos, style, settings, and what will come of them, before a minute is spent.
import { picture, post, query } from "../api.js";
import { debounce, duration, h, nameOf, replace, stemOf } from "../dom.js";
import { draft, keep } from "../draft.js";
import { icon } from "../icons.js";
import { button, complain, copy } from "../ui.js";
import { photosStep } from "./photos.js";
import { settingsStep } from "./settings.js";
import { stylesStep } from "./styles.js";

const LEVELS = [[150, "a rough first look"], [500, "the style is clear"], [1200, "good"], [4000, "very good"], [Infinity, "as good as it gets"]];

export async function guidePage(page, context) {
  context.title("New style");
  let photos = null;
  const look = h("div", { class: "look" });
  const summary = h("div", { class: "body" });
  const numbers = [1, 2, 3].map((number) => h("span", { class: "step-number" }, String(number)));
  const start = button("Start training", "play", begin, { class: "button primary large" });
  const problem = h("p", { class: "message bad", role: "alert", hidden: true });
  const command = h("code", { class: "code" });
  const title = h("input", { class: "input", id: "title", value: draft.title, placeholder: "Name", oninput: () => keep({ title: title.value }) });

  const check = debounce(350, async () => {
    if (!draft.settings.data_dir || !draft.settings.texture) return;
    try {
      const answer = await post("/trainings/check", { settings: draft.settings });
      command.textContent = answer.command;
      problem.hidden = true;
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
    start.disabled = !problem.hidden;
  });

  const firstLook = debounce(200, async () => {
    const { texture } = draft.settings;
    if (!texture || !photos?.shown.length) return;
    const photo = photos.shown[Math.floor(photos.shown.length / 2)];
    if (!look.childElementCount) replace(look, h("div", { class: "spinner" }));
    try {
      const blob = await picture(query("/paint", { photo, network: `untrained:${texture}`, factor: 1, size: 512, exact: 0 }));
      if (texture !== draft.settings.texture) return;
      replace(look, h("img", { src: URL.createObjectURL(blob), alt: `A photo as the untrained network paints it after ${stemOf(texture)}` }), h("span", { class: "pill" }, "before training"));
    } catch (error) { replace(look, h("p", {}, error.message)); }
  });

  function draw() {
    const { data_dir, texture, max_minutes, max_steps } = draft.settings;
    const ready = Boolean(data_dir && texture);
    [data_dir, texture, ready].forEach((done, index) => {
      numbers[index].classList.toggle("done", Boolean(done));
      replace(numbers[index], done ? icon("check") : String(index + 1));
    });
    const steps = max_steps ?? Math.round((max_minutes ?? 0) * context.facts.steps_per_minute);
    const quality = LEVELS.find(([limit]) => steps <= limit)[1];
    const pace = context.facts.is_measured ? "at this machine's pace" : "on two processor cores";
    start.disabled = !ready;
    title.placeholder = texture ? stemOf(texture) : "Name";
    replace(summary, h("dl", {}, row("Photos", data_dir ? `${photos ? photos.count.toLocaleString() : ""} from ${nameOf(data_dir)}` : "choose a folder"),
      row("Style", texture ? stemOf(texture) : "choose a picture"), max_minutes ? row("Time", duration(60 * max_minutes)) : null,
      steps ? row("Expect", quality) : null, steps ? row("Steps", `about ${steps.toLocaleString()}`) : null),
      h("div", { class: "field" }, h("label", { htmlFor: "title" }, "Name"), title), start, problem,
      h("p", { class: "small soft" }, steps ? `Steps ${pace}. The first picture comes within seconds.` : ""),
      ready && h("details", { class: "more small" }, h("summary", {}, "The same on the command line"), h("div", { class: "stack tight" }, command, button("Copy", "copy", () => copy(command.textContent)))));
    if (!look.childElementCount) replace(look, h("p", { class: "small" }, "Choose photos and a style", h("br"), "for a first look"));
    check();
  }

  async function begin() {
    start.disabled = true;
    try {
      const job = await post("/trainings", { settings: draft.settings, title: title.value.trim() });
      keep({ title: "" });
      location.hash = `#/watch/${job.id}`;
    } catch (error) { complain(error); start.disabled = false; }
  }

  const step = (index, words, ...content) => h("section", { class: "card", "aria-label": words }, h("div", { class: "step-head" }, numbers[index], h("h2", {}, words)), ...content);
  replace(page,
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Teach a network a style"), h("p", {}, "Photos and one picture are all it needs. Afterwards it repaints any photo, at any strength."))),
    h("div", { class: "guide" },
      h("div", { class: "steps" },
        step(0, "Photos to learn from", photosStep((found) => { photos = found; draw(); firstLook(); })),
        step(1, "The style picture", stylesStep(context, () => { draw(); firstLook(); })),
        step(2, "How it should learn", settingsStep(context, draw))),
      h("aside", { class: "card outcome", "aria-label": "What you will get" }, look, summary)));
  draw();
  context.keys({ "Ctrl+enter": { words: "start training", run: () => !start.disabled && begin() } });
}

const row = (name, words) => [h("dt", {}, name), h("dd", {}, words)];
