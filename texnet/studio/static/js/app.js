// The frame: navigation, the queue at its edge, theme, hotkeys, and which page is shown.
import { get, post, start } from "./api.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { guidePage } from "./guide/guide.js";
import { paintPage } from "./paint/paint.js";
import { runsPage } from "./runs.js";
import { sharePage } from "./share.js";
import { sweepPage } from "./sweep.js";
import { complain, bar, dialog, speak, toast } from "./ui.js";
import { watchPage } from "./watch.js";

const PAGES = { guide: guidePage, runs: runsPage, watch: watchPage, paint: paintPage, sweep: sweepPage, share: sharePage };
const LINKS = [["guide", "new", "New style"], ["runs", "runs", "Runs"], ["paint", "paint", "Paint"], ["sweep", "sweep", "Sweep"], ["share", "share", "Share"]];
const main = document.getElementById("main");
let leave = () => {};
let keys = {};
let facts = {};
let watched = null;

const now = h("a", { class: "now", href: "#/runs", hidden: true });
const links = LINKS.map(([page, picture, words]) => h("a", { href: `#/${page}` }, icon(picture), words));
const themeButton = h("button", { type: "button", class: "button quiet icon", "aria-label": "Light or dark", title: "Light or dark", onclick: turnTheme }, icon("theme"));
const helpButton = h("button", { type: "button", class: "button quiet icon help", "aria-label": "Keyboard shortcuts", title: "Keyboard shortcuts", onclick: showKeys }, icon("help"));

async function begin() {
  setTheme(localStorage.getItem("theme"));
  facts = await start();
  const logout = facts.can_log_out && h("button", { type: "button", class: "button quiet icon", "aria-label": "Log out", onclick: () => post("/logout").finally(() => location.assign("/login")) }, icon("logout"));
  replace(document.getElementById("rail"), h("a", { class: "brand", href: "#/guide" }, h("img", { src: "/static/icon.svg", alt: "" }), "texnet studio"),
    h("nav", { "aria-label": "Pages" }, links), h("div", { class: "end" }, now, h("div", { class: "tools" }, themeButton, helpButton, logout)));
  addEventListener("hashchange", show);
  addEventListener("keydown", onKey);
  await show();
  watchQueue();
}

async function show() {
  const [path, words] = (location.hash || "#/guide").split("?");
  const [, name, id] = path.split("/");
  const place = PAGES[name] ? name : "guide";
  leave();
  leave = () => {};
  keys = {};
  links.forEach((link, index) => {
    const mine = LINKS[index][0] === (place === "watch" ? "runs" : place);
    if (mine) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  const context = {
    facts,
    id,
    query: new URLSearchParams(words),
    onLeave: (action) => { const before = leave; leave = () => { before(); action(); }; },
    keys: (more) => Object.assign(keys, more),
    dropKeys: (names) => names.forEach((name) => delete keys[name]),
    title: (title) => { document.title = title ? `${title} · texnet studio` : "texnet studio"; },
  };
  const fresh = h("div", { class: `${place}-page` });
  replace(main, fresh);
  scrollTo(0, 0);
  try {
    await PAGES[place](fresh, context);
  } catch (error) {
    complain(error);
    if (!fresh.childElementCount) replace(fresh, h("div", { class: "empty" }, icon("help"), h("h2", {}, "This page could not be shown"), h("p", {}, error.message)));
  }
}

async function watchQueue() {
  try {
    const { running, waiting, paused } = await get("/queue");
    const job = running[0];
    if (watched && watched !== job?.id) await tell(watched);
    watched = job?.id ?? null;
    now.hidden = !job && !waiting.length;
    now.href = job ? `#/watch/${job.id}` : "#/runs";
    replace(now, h("b", {}, job?.title ?? (paused ? "The queue is paused" : "The queue")), job && bar(job.share, job.title),
      h("span", { class: "soft" }, job ? `${Math.round(100 * job.share)} %` : "", waiting.length ? ` · ${waiting.length} waiting` : ""));
  } catch { /* the next look may find the server again */ }
  setTimeout(watchQueue, document.hidden ? 5000 : 1500);
}

async function tell(id) {
  const job = await get(`/jobs/${id}`);
  const words = { done: "is done", failed: "has failed", stopped: "was stopped and saved", paused: "is paused" }[job.state];
  if (!words) return;
  toast(`${job.title} ${words}. `, h("a", { href: `#/watch/${id}` }, "Show"));
  speak(`${job.title} ${words}`);
  if (document.hidden && globalThis.Notification?.permission === "granted") new Notification(`${job.title} ${words}`, { icon: "/static/icon.svg" });
}

function onKey(event) {
  if (event.target.matches("input:not([type=range]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return onChord(event);
  if (document.querySelector("dialog[open]")) return undefined;
  const page = { 1: "guide", 2: "runs", 3: "paint", 4: "sweep", 5: "share" }[event.key];
  if (keys[event.key]) { keys[event.key].run(event); event.preventDefault(); } // of the page, which may need those of the others
  else if (page) location.hash = `#/${page}`;
  else if (event.key === "?") showKeys();
  else if (event.key === "t") turnTheme();
  return undefined;
}

function onChord(event) {
  const name = `Ctrl+${event.shiftKey ? "Shift+" : ""}${event.key.toLowerCase()}`;
  if ((event.ctrlKey || event.metaKey) && keys[name] && !event.target.matches("input:not([type=range]), textarea")) { keys[name].run(event); event.preventDefault(); }
}

function showKeys() {
  const everywhere = { ...(keys[1] ? {} : { "1 – 5": "go to a page" }), t: "light or dark", "?": "this list", Tab: "to the next control" };
  const own = Object.entries(keys).filter(([, { words }]) => words).map(([key, { words, name }]) => [name ?? (key === " " ? "Space" : key), words]);
  const rows = [...Object.entries(everywhere), ...own].flatMap(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)]);
  dialog("Keyboard shortcuts", h("dl", { class: "keys" }, rows));
}

function turnTheme() {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark" || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  setTheme(dark ? "light" : "dark");
}

function setTheme(theme) {
  if (!theme) return;
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
}

begin().catch(complain);
