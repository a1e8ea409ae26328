// A video that is chosen: what it is, how it is to be painted, the job that paints it, and the player for what came of it.
import { get, post, query } from "../api.js";
import { duration, h, nameOf, replace } from "../dom.js";
import { bar, button, complain, pill, segments, speak, toast } from "../ui.js";
import { curveEditor } from "./curve.js";
import { player, videoWords } from "./player.js";

const SIZES = [640, 960, 1280]; // pixels of a long side
const BUSY = ["waiting", "running"];

export function clipPanel(work, strength) {
  let path = "";
  let facts = null;
  let job = null;
  let maxSize = 0;
  let timer;
  const screen = player();
  const about = h("p", { class: "small soft" });
  const problem = h("p", { class: "message bad", hidden: true });
  const size = h("div", { class: "stack tight", hidden: true });
  const paint = button("Paint the video", "play", begin, { class: "button primary large" });
  const state = h("div", { class: "row" });
  const words = h("p", { class: "small", "aria-live": "polite" });
  const share = h("div");
  const stop = button("Stop", "stop", () => act("stop"), { class: "button grow" });
  const again = button("Go on", "play", () => act("resume"), { class: "button grow" });
  const details = h("a", { class: "button quiet" }, "Details");
  const progress = h("div", { class: "stack tight", hidden: true }, state, share, words, h("div", { class: "row nowrap" }, stop, again, details));
  const element = h("section", { class: "card stack", "aria-label": "Video", hidden: true }, h("h2", {}, "Video"), about, problem, size, paint, progress);

  // the strength over time, below the slider
  const curve = curveEditor({
    onmove: (point) => { strength.write(point.factor); work.move(point.factor); },
    onrest: (point) => { if (point.at !== work.options.at) work.change({ at: point.at }); },
  });
  const overTime = button("Over time", "curve", () => setTimed(overTime.getAttribute("aria-pressed") !== "true"), { class: "chip", "aria-pressed": "false" });
  const time = h("div", { class: "stack tight", hidden: true }, h("div", {}, overTime), curve.element);
  curve.element.hidden = true;
  const isTimed = () => overTime.getAttribute("aria-pressed") === "true" && !time.hidden;

  function setTimed(on) {
    if (!facts) return;
    overTime.setAttribute("aria-pressed", String(on));
    curve.element.hidden = !on;
    const { factor } = work;
    if (on && !curve.chosen) curve.begin(facts.seconds, work.range.max_noise_factor, [{ at: 0, factor: 0 }, { at: Math.floor(100 * facts.seconds) / 100, factor: factor || 1 }]);
    const { at, factor: chosen } = on ? curve.chosen : { at: 0, factor };
    strength.write(chosen);
    work.move(chosen);
    work.change({ at });
  }

  async function show(video) {
    path = video;
    facts = job = null;
    element.hidden = time.hidden = !video;
    curve.begin(1, work.range.max_noise_factor, []);
    overTime.setAttribute("aria-pressed", "false");
    curve.element.hidden = true;
    drawJob();
    clearTimeout(timer);
    if (!video) return;
    replace(about, nameOf(video));
    problem.hidden = true;
    paint.disabled = true;
    try {
      const found = await get(query("/videos", { path: video }));
      if (path !== video) return; // another was picked meanwhile
      facts = found;
      paint.disabled = false;
      drawFacts();
      if (facts.jobs.length) await follow(facts.jobs[0].id);
    } catch (error) { if (path === video) complain(error); }
  }

  function drawFacts() {
    const { width, height, seconds, num_frames } = facts;
    replace(about, `${nameOf(path)}: ${width} × ${height} pixels, ${seconds < 90 ? `${seconds.toFixed(1)} s` : duration(seconds)}, ${num_frames.toLocaleString()} frames`);
    problem.hidden = !facts.problem;
    problem.textContent = facts.problem;
    const smaller = SIZES.filter((pixels) => pixels < Math.max(width, height)).map((pixels) => ({ value: pixels, words: String(pixels), note: "pixels" }));
    maxSize = 0;
    size.hidden = !smaller.length;
    replace(size, h("span", { class: "label" }, "Size"), segments("Size", [{ value: 0, words: "As it is", note: "slowest" }, ...smaller.reverse()], 0, (value) => { maxSize = value; }));
    draw();
  }

  // A network of one strength has none over time.
  function draw() {
    work.stage.stretch(facts?.pixel_aspect ?? 1);
    const { fixed_noise_factor: fixed, max_noise_factor: most } = work.range;
    time.hidden = !path || Boolean(fixed);
    if (facts && curve.chosen) curve.begin(facts.seconds, most);
  }

  async function begin() {
    if (!work.ready) { toast("Choose a style first."); return; }
    paint.disabled = true;
    try {
      const { photo, ...order } = work.order;
      const timed = isTimed() ? curve.points.map((point) => [point.at, point.factor]) : [];
      await follow((await post("/videos", { ...order, video: photo, timed, max_size: maxSize })).id);
    } catch (error) { complain(error); }
    paint.disabled = BUSY.includes(job?.state);
  }

  async function act(name) {
    try {
      await post(`/jobs/${job.id}/${name}`);
      await follow(job.id);
    } catch (error) { complain(error); }
  }

  // Look after a job until another video, or another job of this one, takes its place.
  async function follow(id) {
    clearTimeout(timer);
    const mine = path;
    const found = await get(`/jobs/${id}`);
    if (mine !== path) return;
    job = found;
    drawJob();
    clearTimeout(timer);
    timer = setTimeout(() => follow(id).catch(() => { timer = setTimeout(() => follow(id).catch(complain), 3000); }), BUSY.includes(job.state) ? 600 : 4000);
  }

  function drawJob() {
    progress.hidden = !job;
    screen.show(job);
    if (!job) return;
    const busy = BUSY.includes(job.state);
    const told = [videoWords(job, duration), ...job.run.problems].join(" ");
    if (words.textContent !== told) words.textContent = told;
    if (state.textContent !== job.state) replace(state, pill(job.state));
    words.className = job.state === "failed" ? "message bad small" : "small";
    replace(share, busy && bar(job.run.share, "Painting the video"));
    stop.hidden = !busy;
    again.hidden = busy || job.state === "done";
    details.href = `#/watch/${job.id}`;
    paint.disabled = busy;
    if (job.state === "running") speak(`${10 * Math.round(10 * job.run.share)} percent`);
  }

  return {
    element, time, show, draw,
    screen: screen.element,
    // The page's slider moves the chosen point.
    lift(factor) { if (isTimed()) curve.lift(factor); },
    close() { path = ""; clearTimeout(timer); screen.show(null); },
  };
}
