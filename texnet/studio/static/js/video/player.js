// A painted video beside its original: one set of controls, and how strong the style is at the moment.
import { h, replace, svg } from "../dom.js";
import { icon } from "../icons.js";
import { factorAt, lineOf } from "./curve.js";

const APART = 0.12; // seconds that the two may be apart

export function player() {
  const original = h("video", { muted: true, playsInline: true, preload: "auto", tabIndex: -1, "aria-label": "The original video" });
  const painted = h("video", { controls: true, playsInline: true, preload: "auto", "aria-label": "The painted video" });
  const originalNote = h("p", { class: "message small", hidden: true }, "This browser does not play the original.");
  const paintedNote = h("p", { class: "message small", hidden: true }, "This browser does not play it. Save it, and open it with another program.");
  const line = svg("polyline", { class: "line" });
  const head = svg("line", { class: "head", y1: 0, y2: 100 });
  const track = svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, line, head);
  const strength = h("div", { class: "track", hidden: true }, track);
  const now = h("p", { class: "small soft numbers" });
  const save = h("a", { class: "button" }, icon("download"), "Save the video");
  const element = h("section", { class: "card stack tight player", "aria-label": "The painted video", hidden: true },
    h("div", { class: "pair" },
      h("figure", {}, original, originalNote, h("figcaption", { class: "small soft" }, "original")),
      h("figure", {}, painted, paintedNote, h("figcaption", { class: "small soft" }, "painted"))),
    strength, h("div", { class: "row between" }, now, save));
  let points = [{ at: 0, factor: 1 }];
  let shown = "";

  const follow = () => { if (Math.abs(original.currentTime - painted.currentTime) > APART) original.currentTime = painted.currentTime; };
  const tell = () => {
    const length = painted.duration || 1;
    const x = Math.min(100, (100 * painted.currentTime) / length);
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    now.textContent = `${painted.currentTime.toFixed(1)} s, noise factor ${factorAt(points, painted.currentTime).toFixed(2)}`;
  };
  const steps = () => { follow(); tell(); if (!painted.paused) requestAnimationFrame(steps); };
  painted.addEventListener("play", () => { original.play().catch(() => {}); steps(); });
  painted.addEventListener("pause", () => { original.pause(); follow(); tell(); });
  for (const name of ["seeking", "seeked", "timeupdate"]) painted.addEventListener(name, () => { follow(); tell(); });
  painted.addEventListener("ratechange", () => { original.playbackRate = painted.playbackRate; });
  painted.addEventListener("loadedmetadata", () => {
    line.setAttribute("points", lineOf(points, painted.duration || 1, Math.max(1, ...points.map((point) => point.factor))));
    tell();
  });
  for (const [video, note] of [[original, originalNote], [painted, paintedNote]]) {
    video.addEventListener("error", () => { if (video.getAttribute("src")) { note.hidden = false; video.hidden = true; } });
    video.addEventListener("loadeddata", () => { note.hidden = true; video.hidden = false; });
  }

  return {
    element,
    // What a job has painted so far; a result that was written anew is loaded anew.
    show(job) {
      const key = job?.run.result ? `${job.id} ${job.run.result}` : "";
      if (key === shown) return;
      shown = key;
      element.hidden = !key;
      const address = `/api/videos/${job?.id}/result`;
      for (const video of [original, painted]) { video.pause(); video.hidden = false; }
      if (!key) { for (const video of [original, painted]) video.removeAttribute("src"); return; }
      const { timed, factor, result, video } = job.settings;
      points = timed.length ? timed.map(([at, one]) => ({ at, factor: one })).sort((a, b) => a.at - b.at) : [{ at: 0, factor }];
      strength.hidden = !timed.length;
      painted.src = `${address}?v=${job.run.result}`;
      original.src = `/api/videos/original?${new URLSearchParams({ path: video })}`;
      save.href = `${address}?download`;
      save.download = result;
      replace(save, icon("download"), `Save ${result}`);
    },
  };
}

// A job of a video in words: how far, how fast, how long still.
export function videoWords(job, duration) {
  const { done, total, fps, left } = job.run;
  const frames = `${done.toLocaleString()} of ${total.toLocaleString()} frames`;
  if (job.state === "waiting") return "It waits for its turn.";
  if (job.state === "running") return fps ? `${frames}, ${fps.toFixed(fps < 10 ? 1 : 0)} a second, ${duration(left)} left` : done ? frames : "It begins.";
  if (job.state === "done") return `${total.toLocaleString()} frames are painted.`;
  if (job.state === "failed") return job.message || "It has failed.";
  return done ? `Stopped after ${frames}. What is done can be played, and it can go on.` : "Stopped before the first frame.";
}
