// The second step: the style picture, from the gallery, by upload, paste or drag.
import { get, query, thumbnail, upload } from "../api.js";
import { h, replace, stemOf } from "../dom.js";
import { choose, draft } from "../draft.js";
import { icon } from "../icons.js";
import { complain, toast } from "../ui.js";

export function stylesStep(context, changed) {
  const gallery = h("div", { class: "gallery" });
  const file = h("input", { type: "file", accept: "image/*", hidden: true, onchange: () => file.files[0] && send(file.files[0]) });
  let known = { drawn: [], own: [] };

  const drop = h("button", { type: "button", onclick: () => file.click() },
    h("span", { class: "drop" }, icon("upload"), "Your picture", h("span", {}, "click, drop or paste")), h("span", { class: "name" }, "Upload"));

  function draw() {
    const item = (path) => {
      const mine = draft.settings.texture === path;
      return h("button", { type: "button", "aria-pressed": String(mine), onclick: () => pick(path), title: path },
        h("img", { src: thumbnail(path, 256), alt: "", loading: "lazy" }), h("span", { class: "name" }, stemOf(path)), mine && h("span", { class: "tick" }, icon("check")));
    };
    replace(gallery, drop, known.own.map(item), known.drawn.map(item));
  }

  function pick(path) {
    choose({ texture: path });
    draw();
    changed(path);
  }

  async function send(picture) {
    const name = picture.name && picture.name.includes(".") ? picture.name : `pasted.${(picture.type.split("/")[1] ?? "png").replace("jpeg", "jpg")}`;
    try {
      const { path } = await upload(query("/uploads", { kind: "picture", name }), picture);
      known.own.unshift(path);
      pick(path);
      toast(`${name} is the style picture now.`);
    } catch (error) { complain(error); }
  }

  receivePictures(context, drop.firstChild, send);
  get("/textures").then((found) => {
    known = found;
    const chosen = draft.settings.texture;
    if (chosen && ![...found.own, ...found.drawn].includes(chosen)) known.own.unshift(chosen);
    draw();
    if (chosen) changed(chosen);
  }).catch(complain);
  draw();
  return h("div", { class: "stack" }, gallery, file);
}

// Pictures and videos that are dropped anywhere on the page, or pasted.
export function receivePictures(context, mark, take) {
  const over = (event) => { event.preventDefault(); mark.classList.add("over"); };
  const out = (event) => { if (!event.relatedTarget) mark.classList.remove("over"); };
  const dropped = (event) => { event.preventDefault(); mark.classList.remove("over"); [...event.dataTransfer.files].forEach(take); };
  const pasted = (event) => [...(event.clipboardData?.files ?? [])].filter((one) => /^(image|video)\//.test(one.type)).forEach(take);
  const pairs = [["dragover", over], ["dragleave", out], ["drop", dropped], ["paste", pasted]];
  pairs.forEach(([name, action]) => addEventListener(name, action));
  context.onLeave(() => pairs.forEach(([name, action]) => removeEventListener(name, action)));
}
