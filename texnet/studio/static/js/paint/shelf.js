// The pictures to paint, and the networks to paint with.
import { get, query, thumbnail, upload } from "../api.js";
import { h, nameOf, replace, stemOf } from "../dom.js";
import { pathDialog } from "../guide/path.js";
import { icon } from "../icons.js";
import { complain } from "../ui.js";

const KEY = "paintings";
const MOST = 60;

export function photoShelf(onpick) {
  const shelf = h("div", { class: "shelf", role: "group", "aria-label": "Pictures" });
  const file = h("input", { type: "file", accept: "image/*", multiple: true, hidden: true, onchange: () => [...file.files].forEach(send) });
  let photos = JSON.parse(localStorage.getItem(KEY) ?? "[]");
  let current = "";

  function draw() {
    replace(shelf, h("button", { type: "button", class: "add", "aria-label": "Add a picture from this device", title: "Add a picture", onclick: () => file.click() }, icon("plus")),
      h("button", { type: "button", class: "add", "aria-label": "Pick a picture or folder on the studio's machine", title: "Pick a picture or folder", onclick: browse }, icon("folder")),
      photos.map((path) => h("button", { type: "button", "aria-pressed": String(path === current), "aria-label": nameOf(path), title: nameOf(path), onclick: () => pick(path) }, h("img", { src: thumbnail(path, 160), alt: "", loading: "lazy", onerror: () => forget(path) }))));
  }

  // A picture that is gone, or cannot be read.
  function forget(path) {
    photos = photos.filter((one) => one !== path);
    localStorage.setItem(KEY, JSON.stringify(photos));
    draw();
  }

  function mark(path) {
    current = path;
    draw();
  }

  function pick(path) {
    mark(path);
    onpick(path);
  }

  function add(paths, picksFirst = true) {
    photos = [...new Set([...paths, ...photos])].slice(0, MOST);
    localStorage.setItem(KEY, JSON.stringify(photos));
    draw();
    if (picksFirst && paths.length) pick(paths[0]);
  }

  async function send(picture) {
    const name = picture.name?.includes(".") ? picture.name : `pasted.${(picture.type.split("/")[1] ?? "png").replace("jpeg", "jpg")}`;
    try { add([(await upload(query("/uploads", { kind: "picture", name }), picture)).path]); } catch (error) { complain(error); }
  }

  function browse() {
    const take = async (path) => {
      try {
        const { pictures } = await get(query("/pictures", { path }));
        add(pictures.slice(0, 24).map((one) => one.path));
        window.close();
      } catch (error) { complain(error); }
    };
    const window = pathDialog("Pick pictures", "A picture, or a folder of pictures", "Open", take);
  }

  draw();
  return { element: h("div", {}, shelf, file), send, add, mark, get photos() { return photos; } };
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
    set(found, textures) { networks = found; styles = textures; draw(); },
    first: () => networks[0]?.path ?? (styles[0] && `untrained:${styles[0]}`),
  };
}
