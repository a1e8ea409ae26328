// Sweeps: one training at several values of a setting, compared in a grid.
import { get, post, thumbnail } from "./api.js";
import { ago, duration, h, nameOf, replace, stemOf } from "./dom.js";
import { draft } from "./draft.js";
import { icon } from "./icons.js";
import { bar, button, complain, dialog, pill, segments } from "./ui.js";
import { Viewer } from "./viewer.js";

const USUAL = { style_weight: "4 8 16", style_size: "256 512 768", content_weight: "0.5 1 2", learning_rate: "0.001 0.002 0.004", width: "16 24 32", generator: "residual light", image_size: "192 256", tv_weight: "0.005 0.02 0.08", preset: "texnet johnson", seed: "0 1 2" };

export async function sweepPage(page, context) {
  if (context.id) return grid(page, context);
  context.title("Sweep");
  const { data_dir, texture } = draft.settings;
  const options = context.facts.options.filter((option) => option.kind !== "path" && option.kind !== "list" && option.group !== "Run: device, files, logging" && !["no_content", "fixed_noise_factor", "epochs", "max_steps", "max_minutes"].includes(option.name));
  let minutes = 2;
  const axes = [axis(options, "style_weight", draw), axis(options, "", draw)];
  const summary = h("p", { class: "soft" });
  const start = button("Start the sweep", "play", begin, { class: "button primary" });
  const past = h("div", { class: "stack" });

  function values() {
    return Object.fromEntries(axes.map((one) => one.read()).filter(([name, given]) => name && given.length));
  }

  function draw() {
    const given = values();
    const total = Object.values(given).reduce((product, one) => product * one.length, Object.keys(given).length ? 1 : 0);
    const ready = data_dir && texture && total > 1 && Object.values(given).every((one) => one.length > 1);
    summary.textContent = total > 1 ? `${total} trainings, about ${duration(total * minutes * 60)} in all.` : "Give a setting two values or more.";
    start.disabled = !ready;
  }

  async function begin() {
    try {
      const job = await post("/sweeps", { settings: { ...draft.settings, max_minutes: minutes }, axes: values() });
      location.hash = `#/sweep/${job.id}`;
    } catch (error) { complain(error); }
  }

  const chosen = (words, path) => h("div", { class: "row nowrap" }, path && words === "Style" ? h("img", { src: thumbnail(path, 96), alt: "", style: { width: "48px", height: "48px", "object-fit": "cover", "border-radius": "10px" } }) : icon("folder"), h("div", {}, h("b", {}, path ? (words === "Style" ? stemOf(path) : nameOf(path)) : `No ${words.toLowerCase()} yet`), h("div", { class: "small soft" }, words)));
  replace(page,
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Sweep"), h("p", {}, "Train at several values of a setting and choose by eye. Photos, style and all other settings are those of the guide."))),
    h("div", { class: "stack wide" },
      h("section", { class: "card row between", "aria-label": "What is trained" }, chosen("Style", texture), chosen("Photos", data_dir), h("a", { class: "button", href: "#/guide" }, "Change in the guide")),
      h("section", { class: "card stack wide", "aria-label": "What differs" }, axes.map((one) => one.element),
        h("div", { class: "stack tight" }, h("span", { class: "label" }, "Minutes for each"), segments("Minutes for each", [1, 2, 6, 15].map((value) => ({ value, words: `${value} min` })), minutes, (value) => { minutes = value; draw(); })),
        h("div", { class: "row between" }, summary, start)), past));
  draw();
  const jobs = (await get("/jobs")).filter((job) => job.kind === "sweep" && !job.binned);
  replace(past, jobs.length > 0 && h("h2", {}, "Earlier sweeps"), jobs.map((job) => h("a", { class: "card row between", href: `#/sweep/${job.id}`, style: { "text-decoration": "none", color: "inherit" } }, h("b", {}, job.title), h("span", { class: "row" }, h("span", { class: "small soft" }, job.started ? ago(job.started) : ""), pill(job.state)))));
}

let count = 0;

function axis(options, name, changed) {
  const id = `axis-${++count}`;
  const field = h("input", { class: "input", id: `${id}-values`, value: USUAL[name] ?? "", placeholder: "Values, with spaces between", oninput: () => changed() });
  const help = h("p", { class: "small soft" });
  const pick = h("select", { class: "input", id, onchange: () => { field.value = USUAL[pick.value] ?? options.find((one) => one.name === pick.value)?.choices.join(" ") ?? ""; tell(); changed(); } },
    h("option", { value: "" }, "none"), options.map((option) => h("option", { value: option.name, selected: option.name === name }, option.name.replaceAll("_", " "))));
  const tell = () => { help.textContent = options.find((one) => one.name === pick.value)?.help ?? ""; field.disabled = !pick.value; };
  tell();
  const element = h("div", { class: "two" }, h("div", { class: "field" }, h("label", { htmlFor: id }, name ? "Setting" : "And a second one"), pick, help), h("div", { class: "field" }, h("label", { htmlFor: `${id}-values` }, "Values"), field));
  const read = () => [pick.value, [...new Set(field.value.split(/[\s,;]+/).filter(Boolean))].map((word) => (Number.isFinite(Number(word)) ? Number(word) : word))];
  return { element, read };
}

async function grid(page, context) {
  let gone = false;
  let drawn = "";
  const head = h("div", { class: "page-head" });
  const cells = h("div", { class: "cells" });
  replace(page, head, cells);
  const viewers = new Map();

  async function refresh() {
    try {
      const facts = await get(`/sweeps/${context.id}`);
      if (gone) return;
      const key = JSON.stringify(facts);
      if (key !== drawn) { drawn = key; draw(facts); }
      timer = setTimeout(refresh, ["done", "failed", "stopped"].includes(facts.job.state) ? 8000 : 1500);
    } catch (error) { if (!gone) { complain(error); timer = setTimeout(refresh, 4000); } }
  }

  function draw({ job, axes, runs, best, total }) {
    context.title(job.title);
    const busy = job.state === "running" || job.state === "waiting";
    replace(head, h("div", { class: "grow stack tight" }, h("h1", {}, job.title.replaceAll("_", " ")), h("div", { class: "row" }, pill(job.state), h("span", { class: "soft" }, `${runs.filter((run) => run.network).length} of ${total} trained, over ${Object.keys(axes).join(" and ").replaceAll("_", " ")}`)),
      job.message && h("p", { class: "message bad" }, job.message)),
      h("div", { class: "row" }, busy && button("Stop and save", "stop", () => post(`/jobs/${job.id}/stop`).catch(complain)), job.state === "stopped" && button("Go on", "play", () => post(`/jobs/${job.id}/resume`).catch(complain)), h("a", { class: "button", href: `#/sweep` }, "New sweep")));
    replace(cells, runs.length ? runs.map((run) => cell(job, run, best)) : h("div", { class: "waiting" }, h("div", { class: "spinner" }), h("p", {}, busy ? "The first training begins." : "Nothing was trained.")));
  }

  function cell(job, run, best) {
    const words = Object.entries(run.values).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(", ");
    if (!viewers.has(run.name)) viewers.set(run.name, new Viewer((step) => `/api/sweeps/${job.id}/preview/${encodeURIComponent(run.name)}/${step}`));
    const viewer = viewers.get(run.name);
    const open = () => dialog(words, h("div", { style: { width: "min(720px, 84vw)" } }, viewer.element));
    const canvas = h("canvas", { role: "img", tabIndex: 0, "aria-label": `Picture at ${words}; Enter enlarges`, onclick: open, onkeydown: (event) => event.key === "Enter" && open() });
    viewer.update(run.previews, run.factors).then(() => firstTile(canvas, viewer));
    return h("article", { class: `card cell${best === run.name ? " best" : ""}` }, run.previews.length ? canvas : h("div", { class: "waiting" }, h("div", { class: "spinner" })),
      h("div", { class: "body" }, h("b", {}, words), h("span", { class: "small soft numbers" }, `${duration(run.seconds)} · ${run.step.toLocaleString()} steps${run.criterion === null ? "" : ` · loss ${run.criterion.toFixed(3)}`}`),
        best === run.name && h("span", { class: "pill done" }, "lowest loss"), run.network ? h("a", { class: "button", href: `#/paint?network=${encodeURIComponent(run.network)}` }, icon("paint"), "Use this one") : bar(run.share, words)));
  }

  let timer;
  context.onLeave(() => { gone = true; clearTimeout(timer); });
  await refresh();
}

async function firstTile(canvas, viewer) {
  const image = await viewer.load(viewer.steps.at(-1));
  if (!image) return;
  canvas.width = canvas.height = image.naturalWidth / (viewer.factors.length || 1);
  viewer.paint(canvas, image, canvas.width, 0);
}
