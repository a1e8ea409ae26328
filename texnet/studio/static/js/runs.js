// Queue and history: search, stars, names, the bin, and taking settings over.
import { get, post, thumbnail } from "./api.js";
import { ago, debounce, duration, h, replace } from "./dom.js";
import { takeOver } from "./draft.js";
import { icon } from "./icons.js";
import { ask, bar, button, complain, pill } from "./ui.js";

const KINDS = { train: "training", stylize: "batch", sweep: "sweep", video: "video" };

export async function runsPage(page, context) {
  context.title("Runs");
  const picked = new Set();
  let jobs = [];
  let view = "all";
  let stopped = false;
  let shown = "";
  const list = h("div", { class: "runs" });
  const toolbar = h("div", { class: "toolbar" });
  const field = h("input", { class: "input", type: "search", placeholder: "Search runs", "aria-label": "Search runs", oninput: debounce(120, () => draw(true)) });
  const views = h("div", { class: "row" });
  replace(page,
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Runs"), h("p", {}, "What trains now, what waits, and everything that was made.")), h("a", { class: "button primary", href: "#/guide" }, icon("new"), "New style")),
    h("div", { class: "toolbar" }, h("div", { class: "search" }, icon("search"), field), views), toolbar, list);

  async function refresh() {
    if (stopped) return;
    try {
      jobs = await get("/jobs");
      draw();
    } catch (error) { if (!jobs.length) complain(error); }
  }

  function draw(forced = false) {
    const words = field.value.trim().toLowerCase();
    const fits = (job) => (view === "bin" ? job.binned : !job.binned) && (view !== "starred" || job.starred)
      && `${job.title} ${job.kind} ${job.state} ${job.folder} ${job.settings.texture ?? ""}`.toLowerCase().includes(words);
    const found = jobs.filter(fits);
    const key = JSON.stringify([found, view, words, [...picked]]);
    if (key === shown && !forced) return;
    shown = key;
    drawViews();
    drawToolbar(found);
    const rank = (job) => ({ running: 0, waiting: 1 }[job.state] ?? 2);
    const sorted = [...found].sort((a, b) => rank(a) - rank(b) || (rank(a) === 1 ? a.created - b.created : b.created - a.created));
    const focused = document.activeElement?.dataset?.key;
    replace(list, sorted.length ? sorted.map(row) : empty());
    if (focused) list.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  function drawViews() {
    const names = [["all", "All"], ["starred", "Starred"], ["bin", "Bin"]];
    replace(views, names.map(([name, words]) => h("button", { type: "button", class: "chip", "aria-pressed": String(view === name), onclick: () => { view = name; picked.clear(); draw(true); } }, words)));
  }

  function drawToolbar(found) {
    if (!picked.size) {
      const waiting = jobs.filter((job) => job.state === "waiting" && !job.binned).length;
      replace(toolbar, waiting > 0 && h("span", { class: "soft" }, `${waiting} waiting`), view === "bin" && found.length > 0 && button("Delete everything in the bin", "bin", () => many("erase", found.map((job) => job.id)), { class: "button danger" }));
      toolbar.hidden = !toolbar.childElementCount;
      return;
    }
    toolbar.hidden = false;
    replace(toolbar, h("b", {}, `${picked.size} selected`), view === "bin"
      ? [button("Restore", "restore", () => many("restore", [...picked])), button("Delete for good", "bin", () => many("erase", [...picked]), { class: "button danger" })]
      : button("Move to the bin", "bin", () => many("bin", [...picked])), button("Select none", null, () => { picked.clear(); draw(true); }, { class: "button quiet" }));
  }

  async function many(action, ids) {
    if (action === "erase" && !(await ask("Delete for good?", `${ids.length} with all checkpoints and previews. This cannot be undone.`, "Delete"))) return;
    await post("/jobs", { action, ids }).catch(complain);
    picked.clear();
    refresh();
  }

  function row(job) {
    const place = job.kind === "sweep" ? `#/sweep/${job.id}` : `#/watch/${job.id}`;
    const change = (changes) => post(`/jobs/${job.id}`, changes).then(refresh).catch(complain);
    const seconds = job.started && ((job.ended ?? Date.now() / 1000) - job.started);
    const about = [KINDS[job.kind], job.started ? ago(job.started) : "not begun", job.command && seconds ? duration(seconds) : null, job.message].filter(Boolean).join(" · ");
    const select = h("input", { type: "checkbox", class: "check", checked: picked.has(job.id), "aria-label": `Select ${job.title}`, "data-key": `check-${job.id}`, onchange: (event) => { if (event.target.checked) picked.add(job.id); else picked.delete(job.id); draw(true); } });
    const actions = job.binned
      ? [button("Restore", "restore", () => change({ binned: false }))]
      : [
        job.kind === "train" && button("", "again", () => { takeOver(job, context.facts.options); location.hash = "#/guide"; }, { class: "button quiet icon wide", "aria-label": `Use the settings of ${job.title} again`, title: "Use these settings again", "data-key": `again-${job.id}` }),
        button("", "star", () => change({ starred: !job.starred }), { class: "button quiet icon", "aria-label": `Star ${job.title}`, "aria-pressed": String(job.starred), title: "Star", "data-key": `star-${job.id}` }),
        ["train", "video"].includes(job.kind) && job.state === "running" && button("", "pause", () => post(`/jobs/${job.id}/pause`).then(refresh).catch(complain), { class: "button quiet icon", "aria-label": `Pause ${job.title}`, title: "Pause: it saves, and goes on when you say so", "data-key": `pause-${job.id}` }),
        job.state === "paused" && button("", "play", () => post(`/jobs/${job.id}/resume`).then(refresh).catch(complain), { class: "button quiet icon", "aria-label": `Go on with ${job.title}`, title: "Go on", "data-key": `play-${job.id}` }),
        job.state === "running" || job.state === "waiting"
          ? button("", "stop", () => post(`/jobs/${job.id}/stop`).then(refresh).catch(complain), { class: "button quiet icon", "aria-label": `Stop ${job.title}`, title: "Stop", "data-key": `stop-${job.id}` })
          : button("", "bin", () => change({ binned: true }), { class: "button quiet icon", "aria-label": `Move ${job.title} to the bin`, title: "Move to the bin", "data-key": `bin-${job.id}` }),
      ];
    return h("article", { class: `card run${picked.has(job.id) ? " picked" : ""}` }, select, h("a", { class: "picture", href: place, tabIndex: -1, "aria-hidden": "true" }, image(job)),
      h("div", { class: "grow" }, h("div", { class: "row" }, h("h3", {}, h("a", { href: place, "data-key": `open-${job.id}` }, job.title)), pill(job.state)),
        h("p", { class: "small soft" }, about), job.state === "running" && bar(job.share ?? 0, job.title)),
      h("div", { class: "row nowrap actions" }, actions));
  }

  function image(job) {
    if (job.preview !== null && job.preview !== undefined) return lastTile(`${job.folder}/previews/step-${String(job.preview).padStart(6, "0")}.png`);
    if (job.kind === "video") return h("img", { src: thumbnail(job.settings.video, 160), alt: "", loading: "lazy" });
    return job.settings.texture ? h("img", { src: thumbnail(job.settings.texture, 160), alt: "", loading: "lazy" }) : null;
  }

  function empty() {
    if (field.value || view !== "all") return h("div", { class: "empty" }, icon("search"), h("p", {}, view === "bin" ? "The bin is empty." : "Nothing found."));
    return h("div", { class: "empty" }, icon("runs"), h("h2", {}, "No runs yet"), h("p", {}, "Photos and a style picture are all it needs."), h("a", { class: "button primary", href: "#/guide" }, icon("new"), "New style"));
  }

  await refresh();
  const timer = setInterval(refresh, 2000);
  context.onLeave(() => { stopped = true; clearInterval(timer); });
  context.keys({ "/": { words: "search", run: () => field.focus() }, n: { words: "new style", run: () => { location.hash = "#/guide"; } } });
}

// Of a preview, which has a row per photo and a column per noise factor, the first photo at the highest; of a texture's a sample.
function lastTile(path) {
  const image = h("img", { src: thumbnail(path, 384), alt: "", loading: "lazy" });
  image.addEventListener("load", () => {
    const ratio = image.naturalWidth / image.naturalHeight;
    const rows = ratio > 3 ? 1 : 4;
    const columns = Math.max(1, Math.round(ratio * rows));
    Object.assign(image.style, { width: `${100 * columns}%`, height: `${100 * rows}%`, maxWidth: "none", marginLeft: `${-100 * (columns - 1)}%`, objectFit: "fill" });
  });
  return image;
}
