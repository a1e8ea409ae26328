// A field for a path that completes below the studio's folders, by keyboard alone.
import { get, query } from "../api.js";
import { debounce, h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { button, dialog } from "../ui.js";

let count = 0;

export function pathField({ label, value = "", placeholder = "", videos = "", onpick }) {
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
    entries = await get(query("/complete", { path: input.value, videos })).catch(() => []);
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
    else show(false);
    pick(!entry.folder);
  };
  // A folder may be on the way to another one: only a picture, or Enter, is final.
  const pick = (final) => onpick(input.value.length > 1 ? input.value.replace(/\/+$/, "") : input.value, final);

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
      else { show(false); pick(true); }
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      show(false);
    }
  });
  const element = h("div", { class: "field" }, h("label", { htmlFor: id }, label), h("div", { class: "anchor" }, input, list));
  return { element, input, write: (words) => { input.value = words; } };
}

// A window that asks for a path; the list of completions has room below the field.
export function pathDialog(title, label, yes, take, { note = "", videos = "" } = {}) {
  const field = pathField({ label, videos, placeholder: "Type or pick", onpick: (path, final) => final && take(path) });
  const open = button(yes, null, () => take(field.input.value.replace(/(.)\/+$/, "$1")), { class: "button primary" });
  const row = h("div", { class: "row nowrap", style: { "align-items": "flex-end" } }, h("div", { class: "grow" }, field.element), open);
  const window = dialog(title, h("div", { class: "stack", style: { width: "min(560px, 78vw)", "min-height": "400px" } }, note && h("p", { class: "soft" }, note), row));
  field.input.focus();
  return window;
}
