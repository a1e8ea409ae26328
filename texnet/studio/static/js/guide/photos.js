// The first step: which photos, and what they offer.
import { post, thumbnail } from "../api.js";
import { h, nameOf, replace } from "../dom.js";
import { choose, draft } from "../draft.js";
import { button, complain, speak } from "../ui.js";
import { pathField } from "./path.js";

const FIRST_CATEGORIES = 18;

export function photosStep(changed) {
  const facts = h("div", { class: "stack", "aria-live": "polite" });
  const field = pathField({ label: "Folder of photos, or a COCO folder", value: draft.settings.data_dir ?? "", placeholder: "Type or pick a folder", onpick: (path) => look(path) });
  const sample = button("Use the sample photos", "image", useSample);
  let serial = 0;
  let all = false;

  async function look(data_dir, changes = {}) {
    const mine = ++serial;
    if (data_dir !== draft.settings.data_dir) choose({ categories: [], split: "" });
    choose(changes);
    if (!data_dir) return;
    replace(facts, h("div", { class: "bar busy" }, h("span")));
    try {
      const { split = "train", categories = [] } = draft.settings;
      const found = await post("/photos", { data_dir, split, categories });
      if (mine !== serial) return;
      choose({ data_dir: found.data_dir });
      draw(found);
      speak(`${found.count} photos found`);
      changed(found);
    } catch (error) {
      if (mine !== serial) return;
      choose({ data_dir: "" });
      replace(facts, h("p", { class: "message bad" }, error.message.replace(/^--data_dir /, "")));
      changed(null);
    }
  }

  async function useSample() {
    sample.disabled = true;
    replace(facts, h("div", { class: "bar busy" }, h("span")));
    try {
      const { data_dir } = await post("/photos/sample");
      field.write(data_dir);
      await look(data_dir);
    } catch (error) { complain(error); replace(facts); }
    sample.disabled = false;
  }

  function draw(found) {
    const bad = found.unreadable.length;
    replace(facts,
      h("div", { class: "facts" }, fact(found.count.toLocaleString(), found.count === 1 ? "photo" : "photos"), fact(found.held_out, "kept aside for previews"),
        found.coco && fact("COCO", draft.settings.split ?? "train"), bad ? fact(bad, "cannot be read") : null),
      h("div", { class: "thumbs" }, found.shown.slice(0, 16).map((path) => h("img", { src: thumbnail(path, 160), alt: nameOf(path), loading: "lazy" }))),
      found.coco && cocoChoice(found),
      bad > 0 && h("details", { class: "more" }, h("summary", {}, `${bad} of the ${found.checked} photos that were opened cannot be read and are left out`),
        h("ul", { class: "small soft stack tight" }, found.unreadable.map((words) => h("li", {}, words)))),
      found.count < 40 && h("p", { class: "message" }, "Few photos make a network that knows little else. A few hundred of any kind are better."));
  }

  function cocoChoice(found) {
    const picked = new Set(draft.settings.categories ?? []);
    const names = Object.entries(found.categories);
    const shown = names.filter(([name], index) => all || index < FIRST_CATEGORIES || picked.has(name));
    const splits = found.splits.length > 1 && h("div", { class: "row" }, h("span", { class: "label" }, "Part"),
      found.splits.map((split) => chip(split, (draft.settings.split ?? "train") === split, () => look(found.data_dir, { split: split === "train" ? "" : split }))));
    const chips = shown.map(([name, count]) => chip(`${name} ${count}`, picked.has(name), () => {
      if (!picked.delete(name)) picked.add(name);
      look(found.data_dir, { categories: [...picked] });
    }));
    const more = !all && names.length > shown.length && button(`${names.length - shown.length} more`, null, () => { all = true; draw(found); }, { class: "chip" });
    return h("div", { class: "stack tight" }, splits, names.length > 0 && h("span", { class: "label" }, "Only photos that show"), h("div", { class: "chips" }, chips, more));
  }

  if (draft.settings.data_dir) look(draft.settings.data_dir);
  return h("div", { class: "stack" }, field.element, h("div", { class: "row" }, sample, h("span", { class: "small soft" }, "Drawn scenes, for a first try without photos of your own.")), facts);
}

const fact = (number, words) => h("span", {}, h("b", {}, String(number)), ` ${words}`);
const chip = (words, pressed, onclick) => h("button", { type: "button", class: "chip", "aria-pressed": String(pressed), onclick }, words);
