// The pictures and videos to paint, and the networks to paint with.
import { get, query, sendFile, thumbnail } from "../api.js";
import { h, hasEnding, nameOf, replace, stemOf } from "../dom.js";
import { pathDialog } from "../guide/path.js";
import { icon } from "../icons.js";
import { bar, complain } from "../ui.js";

const KEY = "paintings";
const MOST = 60;
const MEGABYTE = 2 ** 20;
const ENDINGS = { "image/jpeg": "jpg", "video/quicktime": "mov", "video/x-matroska": "mkv" }; // others are called as their kind

export function photoShelf(facts, onpick) {
  const shelf = h("div", { class: "shelf", role: "group", "aria-label": "Pictures" });
  const file = h("input", { type: "file", accept: ["image/*", "video/*", ...facts.videos].join(), multiple: true, hidden: true, onchange: () => { [...file.files].forEach(send); file.value = ""; } });
  const sending = h("div");
  const isVideo = (path) => hasEnding(path, facts.videos);
  let photos = JSON.parse(localStorage.getItem(KEY) ?? "[]");
  let current = "";
  let begun = 0; // choices of hers, in their order; an upload is one as soon as it begins
  let latest = 0; // the latest of them that is there

  function draw() {
    replace(shelf, h("button", { type: "button", class: "add", "aria-label": "Add a picture or video from this device", title: "Add a picture or video", onclick: () => file.click() }, icon("plus")),
      h("button", { type: "button", class: "add", "aria-label": "Pick a picture, video or folder on the studio's machine", title: "Pick a picture, video or folder", onclick: browse }, icon("folder")),
      photos.map((path) => h("button", { type: "button", "aria-pressed": String(path === current), "aria-label": nameOf(path), title: nameOf(path), onclick: () => pick(path) }, h("img", { src: thumbnail(path, 160), alt: "", loading: "lazy", onerror: () => forget(path) }), isVideo(path) && h("span", { class: "film" }, icon("play")))));
  }

  // A picture that is gone, or cannot be read.
  function forget(path) {
    keep(photos.filter((one) => one !== path));
    if (path === current && !latest) suggest();
  }

  // What was chosen last is shown, also where an earlier choice arrives after it.
  function pick(path, choice = ++begun) {
    if (choice < latest) return;
    latest = choice;
    show(path);
  }

  function show(path) {
    current = path;
    draw();
    onpick(path);
  }

  // The first picture, where nothing was chosen.
  function suggest() {
    if (!latest && photos.length) show(photos[0]);
  }

  function keep(paths) {
    photos = paths.slice(0, MOST);
    localStorage.setItem(KEY, JSON.stringify(photos));
    draw();
  }

  function add(paths, choice) {
    keep([...new Set([...paths, ...photos])]);
    if (paths.length) pick(paths[0], choice);
  }

  // Pictures that nobody chose come behind those that somebody did.
  function offer(paths) {
    keep([...new Set([...photos, ...paths])]);
  }

  async function send(picture) {
    const name = picture.name?.includes(".") ? picture.name : `pasted.${ENDINGS[picture.type] ?? picture.type.split("/")[1] ?? "png"}`;
    const kind = isVideo(name) || picture.type.startsWith("video/") ? "video" : "picture";
    const most = kind === "video" ? facts.max_video : facts.max_upload;
    if (picture.size > most * MEGABYTE) { complain(new Error(`${name} is larger than ${most} MB, see --max_${kind === "video" ? "video" : "upload"}.`)); return; }
    const choice = ++begun;
    const words = h("span", { class: "small soft", role: "status" });
    const share = h("div");
    const row = h("div", { class: "sending" }, words, share);
    const show = (arrived) => {
      replace(words, arrived < 1 ? `Sending ${name}: ${Math.round(100 * arrived)} %` : `Reading ${name}`);
      replace(share, bar(arrived, `Sending ${name}`));
    };
    if (picture.size > MEGABYTE) { show(0); sending.append(row); }
    try { add([(await sendFile(query("/uploads", { kind, name }), picture, show)).path], choice); } catch (error) { complain(error); }
    row.remove();
  }

  function browse() {
    const take = async (path) => {
      const choice = ++begun;
      try {
        const { pictures } = await get(query("/pictures", { path }));
        add(pictures.slice(0, 24).map((one) => one.path), choice);
        window.close();
      } catch (error) { complain(error); }
    };
    const window = pathDialog("Pick pictures or videos", "A picture or video, or a folder of them", "Open", take, { videos: "1" });
  }

  draw();
  return { element: h("div", {}, shelf, file, sending), add, send, offer, isVideo, suggest, get photos() { return photos; } };
}

export function networkPicker(label, onpick) {
  const element = h("div", { class: "networks", role: "group", "aria-label": label });
  let networks = [];
  let styles = [];
  let current = "";

  const item = (path, words, source, note) => h("button", { type: "button", "aria-pressed": String(path === current), title: note, onclick: () => pick(path) },
    source ? h("img", { src: source, alt: "", loading: "lazy" }) : h("div", { class: "blank" }), h("span", {}, words));

  function draw() {
    replace(element, networks.map((one) => item(one.path, one.name, one.has_picture ? `/api${query("/networks/picture", { path: one.path })}` : "", `${one.name}, ${one.generator}, ${one.when}`)),
      styles.map((path) => item(`untrained:${path}`, stemOf(path), thumbnail(path, 160), "without training: a first look at a style")));
  }

  function pick(path) {
    current = path;
    draw();
    showChosen();
    onpick(path);
  }

  // Within the list alone: the page stays where the picture is.
  function showChosen() {
    const chosen = element.querySelector('[aria-pressed="true"]')?.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    if (chosen && (chosen.top < box.top || chosen.bottom > box.bottom)) element.scrollTop += chosen.top - box.top - 4;
  }

  return {
    element,
    pick,
    // By its place from 0 on, as the number keys name them while a camera is painted.
    pickAt(index) {
      const path = [...networks.map((one) => one.path), ...styles.map((one) => `untrained:${one}`)][index];
      if (path) pick(path);
    },
    get current() { return current; },
    set(found, textures) { networks = found; styles = textures; draw(); },
    // The network that was asked for, or the first one, where none was chosen.
    suggest(asked) {
      const first = asked || networks[0]?.path || (styles[0] && `untrained:${styles[0]}`);
      if (!current && first) pick(first);
    },
  };
}
