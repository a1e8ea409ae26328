// A field for a path that completes below the studio's folders, by keyboard alone.
import { get, query } from "../api.js";
import { debounce, h, replace } from "../dom.js";
import { icon } from "../icons.js";

let count = 0;

export function pathField({ label, value = "", placeholder = "", onpick }) {
  const id = `path-${++count}`;
  const list = h("ul", { class: "list", id: `${id}-list`, role: "listbox", "aria-label": label, hidden: true });
  const input = h("input", {
    class: "input", id, value, placeholder, autocomplete: "off", spellcheck: false, role: "combobox",
    "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list",
  });
  let entries = [];
  let active = -1;

  const show = (open) => {
    list.hidden = !open || !entries.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (!open) mark(-1);
  };
  const mark = (index) => {
    active = index;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    if (index >= 0) { input.setAttribute("aria-activedescendant", `${id}-${index}`); list.children[index].scrollIntoView({ block: "nearest" }); }
    else input.removeAttribute("aria-activedescendant");
  };
  const look = async () => {
    entries = await get(query("/complete", { path: input.value })).catch(() => []);
    replace(list, entries.map((entry, index) => h("li", {
      id: `${id}-${index}`, role: "option", "aria-selected": "false",
      onpointerdown: (event) => { event.preventDefault(); take(entry); },
    }, icon(entry.folder ? "folder" : "image"), entry.path)));
    mark(-1);
    show(document.activeElement === input);
  };
  const take = (entry) => {
    input.value = entry.path;
    if (entry.folder) look();
    pick();
  };
  const pick = () => onpick(input.value.length > 1 ? input.value.replace(/\/+$/, "") : input.value);

  input.addEventListener("input", debounce(120, look));
  input.addEventListener("focus", look);
  input.addEventListener("blur", () => show(false));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) { look(); return; }
      mark((active + (event.key === "ArrowDown" ? 1 : -1) + entries.length) % entries.length);
      event.preventDefault();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (active >= 0) take(entries[active]);
      else { pick(); show(false); }
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      show(false);
    }
  });
  const element = h("div", { class: "field" }, h("label", { htmlFor: id }, label), h("div", { class: "anchor" }, input, list));
  return { element, input, write: (words) => { input.value = words; } };
}
