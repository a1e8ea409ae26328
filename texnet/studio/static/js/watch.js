// One run: its pictures as they come, how long it still takes, and what can be done with it.
import { get, picture, post, thumbnail } from "./api.js";
import { chart } from "./chart.js";
import { ago, duration, h, nameOf, replace, stemOf } from "./dom.js";
import { takeOver } from "./draft.js";
import { icon } from "./icons.js";
import { bar, button, complain, copy, pill, speak, toast } from "./ui.js";
import { player, videoWords } from "./video/player.js";
import { Viewer } from "./viewer.js";

const CURVES = [["loss", "All losses"], ["style", "Style"], ["content", "Content"]];
const ENDED = ["done", "stopped", "paused", "failed"];

export async function watchPage(page, context) {
  const base = `/jobs/${context.id}`;
  let job = await get(base);
  if (job.kind === "sweep") { location.replace(`#/sweep/${job.id}`); return; }
  context.title(job.title);
  let gone = false;
  let drawn = "";
  let curves = { step: [] };
  const screen = player();
  const viewer = new Viewer((step) => `/api${base}/preview/${step}`);
  const title = h("input", { class: "title-edit", value: job.title, "aria-label": "Name of the run", onchange: () => post(base, { title: title.value }).catch(complain), onkeydown: (event) => event.key === "Enter" && title.blur() });
  const state = h("span");
  const actions = h("div", { class: "row" });
  const stage = h("div", {});
  const progress = h("section", { class: "card stack", "aria-label": "Progress" });
  const charts = CURVES.map(([name, words]) => [name, chart(words), words]);
  const losses = h("section", { class: "card stack", "aria-label": "Losses", hidden: true }, charts.map(([, one, words]) => h("figure", {}, h("figcaption", { class: "small soft" }, words), one.element)));
  const facts = h("section", { class: "card stack", "aria-label": "About this run" });
  const log = h("code", { class: "code", style: { "max-height": "320px", overflow: "auto" }, tabIndex: 0 });
  const details = h("details", { class: "more card" , ontoggle: (event) => event.target.open && showLog() }, h("summary", {}, "What the command says"), log);
  replace(page,
    h("div", { class: "page-head" }, h("div", { class: "grow" }, h("h1", {}, title), h("div", { class: "row", style: { "margin-top": "8px" } }, state)), actions),
    h("div", { class: "watch" }, h("div", { class: "stack" }, stage, details), h("div", { class: "stack" }, progress, losses, facts)));

  const showLog = async () => { log.textContent = (await (await picture(`${base}/log`)).text()).split("\r").pop() || "Nothing yet."; log.scrollTop = log.scrollHeight; };

  async function refresh() {
    if (gone) return;
    try {
      job = await get(base);
      if (gone) return;
      draw();
      if (job.kind === "train") await refreshCurves();
      if (details.open) await showLog();
    } catch (error) { if (error.status === 404) { gone = true; complain(error); location.hash = "#/runs"; } }
    if (!gone) timer = setTimeout(refresh, ENDED.includes(job.state) ? 5000 : 700);
  }

  async function refreshCurves() {
    const more = await get(`${base}/curves?after=${curves.step.at(-1) ?? 0}`);
    if (!more.step.length) return;
    for (const name of Object.keys(more)) curves[name] = [...(curves[name] ?? []), ...more[name]];
    losses.hidden = curves.step.length < 2;
    charts.forEach(([name, one]) => curves[name] && one.draw(curves.step, curves[name]));
  }

  function draw() {
    const key = JSON.stringify([job.state, job.run, job.starred, job.message]);
    if (key === drawn) return;
    drawn = key;
    replace(state, pill(job.state));
    drawActions();
    drawStage();
    drawProgress();
    drawFacts();
  }

  function drawActions() {
    const busy = job.state === "running" || job.state === "waiting";
    const done = job.kind === "train" && job.run.has_style;
    const canResume = !busy && (job.run.can_resume || job.kind !== "train") && job.state !== "done";
    replace(actions,
      job.state === "running" && ["train", "video"].includes(job.kind) && button("Pause", "pause", () => post(`${base}/pause`).then(() => toast("It saves, and leaves the machine to others until it goes on.")).catch(complain)),
      busy && button(job.state === "waiting" ? "Take out of the queue" : "Stop and save", "stop", () => post(`${base}/stop`).then(() => toast("It saves and stops.")).catch(complain)),
      canResume && button("Go on", "play", () => post(`${base}/resume`).catch(complain)),
      busy && globalThis.Notification?.permission === "default" && button("Tell me", "bell", () => Notification.requestPermission().then(() => { drawn = ""; draw(); }), { title: "Show a notice when it is done" }),
      job.kind === "video" && h("a", { class: "button", href: `#/paint?${new URLSearchParams({ network: job.settings.network, photo: job.settings.video })}` }, icon("paint"), "Open in Paint"),
      job.kind === "train" && button("Same settings", "again", () => { takeOver(job, context.facts.options); location.hash = "#/guide"; }),
      job.run.visdom && h("a", { class: "button", href: job.run.visdom, target: "_blank", rel: "noopener noreferrer", title: "The live charts of this run, where the Visdom server is up" }, icon("runs"), "Visdom"),
      job.kind === "train" && job.run.previews?.length > 0 && h("a", { class: "button", href: `/api${base}/report` }, icon("download"), "Report"),
      done && h("a", { class: "button", href: `#/share?network=${encodeURIComponent(`${job.folder}/style.pt`)}` }, icon("share"), "Share"),
      done && h("a", { class: "button primary", href: `#/paint?network=${encodeURIComponent(`${job.folder}/style.pt`)}` }, icon("paint"), "Paint with it"));
  }

  function drawStage() {
    if (job.kind === "train" && job.run.previews.length) {
      if (!viewer.element.isConnected) replace(stage, viewer.element);
      viewer.update(job.run.previews, job.run.factors);
    } else if (job.kind === "video" && job.run.result) {
      if (!screen.element.isConnected) replace(stage, screen.element);
      screen.show(job);
    } else if (!stage.childElementCount || stage.dataset.state !== job.state) {
      const words = { waiting: "It waits for its turn.", running: "The first picture comes within seconds.", failed: job.message || "It has failed.", stopped: "It was stopped before the first picture.", paused: "It was paused before the first picture.", done: "Done." };
      replace(stage, h("div", { class: "waiting" }, job.state === "running" && job.kind === "train" && h("div", { class: "spinner" }), h("p", {}, job.kind === "train" ? words[job.state] : batchWords())));
    }
    stage.dataset.state = job.state;
  }

  const batchWords = () => job.kind === "video" ? videoWords(job, duration) : `${job.run.done ?? 0} of ${job.run.total ?? 0} pictures, in ${job.folder}`;

  function drawProgress() {
    const { run } = job;
    const share = job.state === "done" ? 1 : run.share ?? 0;
    const left = job.state !== "running" ? "–" : run.left === undefined ? "–" : share >= 1 ? "finishing" : duration(run.left);
    const stats = job.kind === "video"
      ? [["Frames", (run.done ?? 0).toLocaleString()], ["A second", run.fps ? run.fps.toFixed(1) : "–"], ["Left", left]]
      : job.kind === "train"
      ? [["Step", (run.step ?? 0).toLocaleString()], ["Trained", duration(run.seconds)], ["Left", left]]
      : [["Done", String(run.done ?? 0)], ["Of", String(run.total ?? 0)], ["", ""]];
    replace(progress, h("div", { class: "stat-row" }, stats.map(([words, number]) => h("div", {}, h("span", {}, words), h("div", { class: "big-number" }, number)))), bar(share, "Progress of the run"),
      job.message && job.state !== "done" && h("p", { class: "message bad" }, job.message),
      job.kind === "video" && job.run.problems.map((problem) => h("p", { class: "message bad" }, problem)));
    if (job.state === "running") speak(`${Math.round((10 * share)) * 10} percent`);
  }

  function drawFacts() {
    const texture = job.settings.texture;
    const pairs = [["Style", texture && stemOf(texture)], ["Video", job.settings.video && nameOf(job.settings.video)], ["Photos", job.settings.data_dir && nameOf(job.settings.data_dir)], ["Begun", job.started && ago(job.started)], ["Folder", nameOf(job.folder)]];
    replace(facts, texture && h("img", { class: "style-picture", src: thumbnail(texture, 384), alt: `Style picture ${stemOf(texture)}` }),
      h("dl", { class: "keys" }, pairs.filter(([, words]) => words).map(([name, words]) => [h("dt", { class: "soft" }, name), h("dd", {}, words)])),
      job.command && h("details", { class: "more small" }, h("summary", {}, "Command line"), h("code", { class: "code" }, job.command), button("Copy", "copy", () => copy(job.command), { class: "button quiet" })));
  }

  let timer;
  context.onLeave(() => { gone = true; clearTimeout(timer); });
  context.keys({ s: { words: "stop and save", run: () => job.state === "running" && post(`${base}/stop`).catch(complain) }, ",": { words: "earlier step", run: () => nudge(-1) }, ".": { words: "later step", run: () => nudge(1) } });
  const nudge = (by) => { viewer.step.input.value = Number(viewer.step.input.value) + by; viewer.step.input.dispatchEvent(new Event("input")); };
  draw();
  await refresh();
}
