// Sharing: a style leaves the studio as a page that paints by itself, as one file, or as a report.
import { get, post } from "./api.js";
import { ago, h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { networkPicker } from "./paint/shelf.js";
import { button, complain, copy, speak } from "./ui.js";

export async function sharePage(page, context) {
  context.title("Share");
  let network = null;
  let busy = false;
  const picker = networkPicker("Style", (path) => { network = path; draw(); });
  const half = h("input", { type: "checkbox", class: "check", id: "half", checked: true });
  const web = button("Make the page", "share", () => make("web"), { class: "button primary large" });
  const file = button("Make the file", "download", () => make("onnx"), { class: "button large" });
  const note = h("p", { class: "small soft" });
  const waits = h("div", { class: "stack tight", hidden: true }, h("div", { class: "bar busy" }, h("span")), note);
  const report = h("section", { class: "card stack", "aria-label": "Report", hidden: true });
  const made = h("div", { class: "stack tight" });
  let networks = [];
  let fresh = "";

  async function make(format) {
    busy = true;
    (format === "web" ? web : file).after(waits);
    draw();
    note.textContent = format === "web" ? "The network is exported, checked against texnet, and put into a page." : "The network is exported and checked against texnet.";
    speak(note.textContent);
    try {
      const entry = await post("/exports", { network, format, half: half.checked, name: networks.find((one) => one.path === network)?.name ?? "" });
      fresh = entry.address;
      speak(`${entry.name} is made`);
      await list();
      made.querySelector("a")?.focus();
    } catch (error) { complain(error); }
    busy = false;
    draw();
  }

  async function list() {
    const entries = await get("/exports");
    replace(made, entries.length > 0 && h("h2", {}, "Made so far"), entries.map((entry) => h("article", { class: `card row between made${entry.address === fresh ? " fresh" : ""}` },
      h("div", { class: "grow" }, h("h3", {}, entry.name), h("p", { class: "small soft" }, `${entry.format === "web" ? "web page" : "ONNX file"} · ${(entry.bytes / 1e6).toFixed(1)} MB · ${ago(entry.written)}`)),
      h("div", { class: "row nowrap" }, button("", "copy", () => copy(entry.path), { class: "button quiet icon", "aria-label": `Copy the path of ${entry.name}`, title: entry.path }),
        entry.format === "web" ? h("a", { class: "button", href: entry.address, target: "_blank", rel: "noopener" }, icon("play"), "Open the page") : h("a", { class: "button", href: entry.address, download: entry.name }, icon("download"), "Download")))));
  }

  function draw() {
    waits.hidden = !busy;
    web.disabled = file.disabled = busy || !network;
    const job = networks.find((one) => one.path === network)?.job;
    report.hidden = !job;
    replace(report, h("h2", {}, "Report"), h("p", { class: "soft" }, "Pictures, losses and settings of the training in one HTML file."), h("a", { class: "button", href: `/api/jobs/${job}/report` }, icon("download"), "Save the report"));
  }

  const about = (words) => h("p", { class: "soft" }, words);
  replace(page,
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Share"), h("p", {}, "Let others paint with a style, without texnet and without a server."))),
    h("div", { class: "share" },
      h("section", { class: "card stack", "aria-label": "Style" }, h("h2", {}, "Which style"), picker.element, h("label", { class: "row nowrap small", htmlFor: "half" }, half, "Half the size, nearly the same pictures")),
      h("div", { class: "stack" },
        h("section", { class: "card stack", "aria-label": "Web page" }, h("h2", {}, "Web page"), about("A folder for any web host. It paints in the visitor's own browser: no picture leaves the device."), web),
        h("section", { class: "card stack", "aria-label": "File" }, h("h2", {}, "One file"), about("ONNX, for other programs, games and phones."), file), report),
      made));
  draw();
  networks = await get("/networks");
  picker.set(networks, []);
  if (!networks.length) {
    replace(picker.element.parentElement, h("div", { class: "empty" }, icon("paint"), h("h2", {}, "No trained style yet"), h("p", {}, "Train one first; it takes minutes."),
      h("a", { class: "button primary", href: "#/guide" }, icon("new"), "New style")));
  } else picker.suggest(context.query.get("network"));
  await list();
}
