// Painting: a picture, a video or the camera, a style, and a slider that answers at once.
import { get, query, upload } from "../api.js";
import { h, replace } from "../dom.js";
import { draft } from "../draft.js";
import { receivePictures } from "../guide/styles.js";
import { icon } from "../icons.js";
import { button, complain, segments, slider, toast } from "../ui.js";
import { cameraPanel } from "../video/live.js";
import { clipPanel } from "../video/clip.js";
import { outputPanel } from "./output.js";
import { networkPicker, photoShelf } from "./shelf.js";
import { Stage } from "./stage.js";
import { Work } from "./work.js";

export async function paintPage(page, context) {
  context.title("Paint");
  const brush = { size: 90, erases: false };
  const hint = h("div", { class: "empty" }, icon("image"), h("h2", {}, "Drop a picture or a video here"), h("p", {}, "or paste one, or pick one below."));
  const stage = new Stage({ onstroke: stroke, onstrokeend: () => work.sendMask() });
  const work = new Work(stage);
  context.onLeave(() => work.close());
  const shelf = photoShelf(context.facts, choose);
  const strength = slider({ label: "Noise factor", min: 0, max: 2, step: 0.01, value: 1, show: (value) => value.toFixed(2), low: "the photo itself", high: "stronger than trained", oninput: (value) => { work.move(snap(value)); clip.lift(snap(value)); } });
  const clip = clipPanel(work, strength);
  context.onLeave(() => clip.close());

  const picker = networkPicker("Style", async (network) => {
    try {
      const range = await get(query("/networks/range", { path: network }));
      if (network !== picker.current) return; // another was picked meanwhile
      work.range = range;
      const fixed = range.fixed_noise_factor;
      strength.write(fixed || Math.min(strength.input.value, range.max_noise_factor), { max: fixed || range.max_noise_factor, step: fixed || 0.01 });
      work.factor = Number(strength.input.value);
      clip.draw();
      await work.change({ network });
    } catch (error) { complain(error); }
  });
  const camera = cameraPanel(work, stage, { shelf, picker, context, onturn: showMode });
  context.onLeave(() => camera.stop());

  // A picture or a video was chosen.
  function choose(photo) {
    hint.remove();
    camera.stop();
    const isVideo = shelf.isVideo(photo);
    clip.show(isVideo ? photo : "");
    work.change({ photo, at: 0, stroke_size: isVideo ? 1 : Number(strokes.input.value) });
    showMode();
  }

  // What does nothing for a video, or for the camera, is not there.
  function showMode() {
    const isVideo = shelf.isVideo(work.options.photo);
    clip.draw();
    if (camera.running) { hint.remove(); setBrush(false); stage.stretch(1); }
    clip.element.hidden = camera.running || !isVideo;
    for (const part of [clip.time, clip.screen]) part.classList.toggle("away", camera.running);
    output.hidden = camera.running || isVideo;
    strokes.element.hidden = camera.running || isVideo;
    brushButton.hidden = quality.parentElement.hidden = camera.running;
  }

  const snap = (value) => (Math.abs(value - 1) < 0.015 ? 1 : value);

  // tools over the picture
  const compare = toggle("Compare", "compare", (on) => stage.compare(on));
  const brushButton = toggle("Mask", "brush", (on) => setBrush(on));
  const maskTools = h("div", { class: "row", hidden: true });
  const size = slider({ label: "Brush", min: 10, max: 300, step: 2, value: brush.size, show: (value) => `${value} px`, oninput: (value) => { brush.size = value; } });
  const file = h("input", { type: "file", accept: "image/*", hidden: true, onchange: importMask });
  const erase = toggle("Erase", "minus", (on) => { brush.erases = on; });
  replace(maskTools, h("div", { style: { width: "150px" } }, size.element), erase,
    button("", "undo", undo, { class: "button icon", "aria-label": "Undo", title: "Undo" }), button("", "redo", redo, { class: "button icon", "aria-label": "Redo", title: "Redo" }),
    button("", "invert", () => edit((mask) => mask.invert()), { class: "button icon", "aria-label": "Invert the mask", title: "Invert" }),
    button("", "upload", () => file.click(), { class: "button icon", "aria-label": "Import a mask", title: "Import a mask" }),
    button("", "download", exportMask, { class: "button icon", "aria-label": "Save the mask", title: "Save the mask" }),
    button("Remove", "close", () => { work.dropMask(); setBrush(false); work.touchMask(); work.rest(); }), file);
  const outside = h("select", { class: "input", id: "outside", onchange: () => { work.other = outside.value; work.change(); } });
  const outsideField = h("div", { class: "field", hidden: true }, h("label", { htmlFor: "outside" }, "Where the mask is black"), outside);

  function setBrush(on) {
    brushButton.setAttribute("aria-pressed", String(on));
    if (on && !work.needMask()) { toast("Choose a picture first."); brushButton.setAttribute("aria-pressed", "false"); return; }
    stage.setBrush(on ? brush : null);
    maskTools.hidden = !on;
    outsideField.hidden = !work.mask;
    if (on) { work.touchMask(); work.sendMask(); }
  }

  function stroke({ x, y }, begins) {
    const mask = work.needMask();
    if (!mask) return;
    if (begins) mask.begin();
    mask.dab(x * mask.canvas.width, y * mask.canvas.height, brush.size, brush.erases);
    work.touchMask();
  }

  function edit(action) {
    const mask = work.needMask();
    if (!mask) return;
    action(mask);
    work.touchMask();
    work.sendMask();
  }

  function undo() { edit((mask) => mask.undo()); }
  function redo() { edit((mask) => mask.redo()); }
  async function importMask() { if (file.files[0]) { const bitmap = await createImageBitmap(file.files[0]); setBrush(true); edit((mask) => mask.load(bitmap)); } }
  async function exportMask() {
    const link = h("a", { href: URL.createObjectURL(await work.needMask().blob()), download: "mask.png" });
    link.click();
    URL.revokeObjectURL(link.href);
  }
  const resize = (by) => { brush.size = Math.min(300, Math.max(10, Math.round(brush.size * by))); size.write(brush.size); };

  // the panel beside it
  const seed = h("input", { class: "input", id: "seed", inputMode: "numeric", value: "0", onchange: () => work.change({ seed: Math.max(0, Math.floor(Number(seed.value)) || 0) }) });
  const dice = button("", "dice", () => { seed.value = String(Math.floor(Math.random() * 1e6)); work.change({ seed: Number(seed.value) }); }, { class: "button icon", "aria-label": "Another seed", title: "Other strokes" });
  const colors = slider({ label: "Keep the photo's colors", min: 0, max: 1, step: 0.05, value: 0, show: (value) => `${Math.round(100 * value)} %`, onchange: (value) => work.change({ keep_colors: value }) });
  const strokes = slider({ label: "Stroke size", min: 0.5, max: 3, step: 0.25, value: 1, show: (value) => (value === 1 ? "as learned" : `${value} ×`), onchange: (value) => work.change({ stroke_size: value }) });
  const quality = segments("Preview", [{ value: 512, words: "Quick", note: "512 px" }, { value: 1024, words: "Large", note: "1024 px" }], 512, (value) => work.change({ size: value }));
  const network = h("input", { type: "file", accept: ".pt,.pth", hidden: true, onchange: async () => { try { const { path } = await upload(query("/uploads", { kind: "network", name: network.files[0].name }), network.files[0]); await load(); picker.pick(path); } catch (error) { complain(error); } } });

  const output = outputPanel(work);
  const tools = h("div", { class: "stage-tools" }, compare, brushButton, camera.toggle,
    button("", "minus", () => stage.zoomBy(-1), { class: "button icon", "aria-label": "Zoom out", title: "Zoom out" }), button("", "plus", () => stage.zoomBy(1), { class: "button icon", "aria-label": "Zoom in", title: "Zoom in" }));
  stage.element.append(hint);
  replace(page,
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Paint"), h("p", {}, "Move the slider: 0 is the photo, 1 the style as it was learned."))),
    h("div", { class: "paint" },
      h("div", { class: "stack" }, stage.element, h("section", { class: "card strength", "aria-label": "Strength" }, strength.element, clip.time), tools, maskTools, outsideField, clip.screen, shelf.element),
      h("div", { class: "stack" },
        h("section", { class: "card stack", "aria-label": "Style" }, h("div", { class: "row between" }, h("h2", {}, "Style"), button("Load a file", "upload", () => network.click(), { class: "button quiet" }), network), picker.element),
        output, clip.element, camera.element,
        h("section", { class: "card stack", "aria-label": "Fine points" }, strokes.element, colors.element, h("div", { class: "field" }, h("label", { htmlFor: "seed" }, "Seed of the strokes"), h("div", { class: "row nowrap" }, seed, dice)), h("div", { class: "stack tight" }, h("span", { class: "label" }, "Preview"), quality)))));

  receivePictures(context, stage.element, (picture) => shelf.send(picture));
  const bump = (by) => { strength.write(Math.min(strength.input.max, Math.max(0, Number(strength.input.value) + by))); work.move(Number(strength.input.value)); };
  const press = (element) => ({ run: () => element.click() });
  context.keys({
    a: { words: "hold: the photo alone", run: () => stage.peek(true) },
    c: { words: "before and after", ...press(compare) }, b: { words: "mask brush", ...press(brushButton) }, x: { words: "brush or eraser", ...press(erase) },
    "[": { words: "smaller brush", run: () => resize(1 / 1.2) }, "]": { words: "larger brush", run: () => resize(1.2) },
    "Ctrl+z": { words: "undo", run: undo }, "Ctrl+Shift+z": { words: "redo", run: redo },
    ",": { words: "less style", run: () => bump(-0.05) }, ".": { words: "more style", run: () => bump(0.05) },
    "+": { words: "zoom in", run: () => stage.zoomBy(1) }, "-": { words: "zoom out", run: () => stage.zoomBy(-1) }, 0: { words: "whole picture", run: () => stage.zoomBy(0) },
    r: { words: "other strokes", ...press(dice) }, v: { words: "the camera", ...press(camera.toggle) },
  });
  const release = (event) => event.key === "a" && stage.peek(false);
  addEventListener("keyup", release);
  context.onLeave(() => removeEventListener("keyup", release));

  async function load() {
    const [found, textures] = await Promise.all([get("/networks"), get("/textures")]);
    const styles = [...textures.own, ...textures.drawn];
    picker.set(found, styles);
    replace(outside, h("option", { value: "" }, "the photo stays"), found.map((one) => h("option", { value: one.path }, one.name)), styles.map((path) => h("option", { value: `untrained:${path}` }, `${path.split("/").pop()} (untrained)`)));
  }

  await load();
  if (!shelf.photos.length && draft.settings.data_dir) {
    const { pictures } = await get(query("/pictures", { path: draft.settings.data_dir })).catch(() => ({ pictures: [] }));
    shelf.offer(pictures.slice(0, 12).map((one) => one.path));
  }
  if (context.query.get("photo")) shelf.add([context.query.get("photo")]);
  shelf.suggest();
  picker.suggest(context.query.get("network"));
}

function toggle(words, picture, action) {
  const element = button(words, picture, () => {
    const on = element.getAttribute("aria-pressed") !== "true";
    element.setAttribute("aria-pressed", String(on));
    action(on);
  }, { "aria-pressed": "false" });
  return element;
}
