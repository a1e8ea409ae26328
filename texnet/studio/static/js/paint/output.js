// Results: full size with progress, download, copy; whole folders go into the queue.
import { get, post } from "../api.js";
import { duration, h, replace } from "../dom.js";
import { pathDialog } from "../guide/path.js";
import { bar, button, complain, segments, toast } from "../ui.js";

export function outputPanel(work) {
  let format = "png";
  const progress = h("div", { hidden: true });
  const note = h("p", { class: "small soft", "aria-live": "polite" });
  const save = button("Download", "download", () => make(download), { class: "button primary large" });
  const copyButton = button("Copy", "copy", () => make(copyPicture), { class: "button grow" });
  const batch = button("Folder", "folder", () => folderDialog(work), { class: "button grow", title: "Paint all pictures of a folder" });

  async function make(use) {
    if (!work.ready) { toast("Choose a picture and a style first."); return; }
    save.disabled = copyButton.disabled = true;
    show(0);
    progress.hidden = false;
    const task = crypto.getRandomValues(new Uint32Array(2)).join("-");
    const began = performance.now();
    const timer = setInterval(async () => {
      const { share } = await get(`/progress/${task}`).catch(() => ({ share: 0 }));
      if (progress.hidden || !share) return;
      show(share);
      const left = ((performance.now() - began) / 1000) * (1 / share - 1);
      note.textContent = share < 1 ? `Painting at full size: ${Math.round(100 * share)} %, ${duration(left)} left` : "Saving the picture";
    }, 400);
    try {
      const result = await post("/results", { ...work.order, task, format: use === copyPicture ? "png" : format });
      note.textContent = `${result.name}, ${(result.bytes / 1e6).toFixed(1)} MB, painted in ${result.seconds.toFixed(1)} s`;
      await use(result.name);
    } catch (error) { complain(error); note.textContent = ""; }
    clearInterval(timer);
    progress.hidden = true;
    save.disabled = copyButton.disabled = false;
  }

  function show(share) { replace(progress, bar(share, "Painting at full size")); }

  return h("section", { class: "card stack", "aria-label": "Result" }, save, progress, note,
    segments("Format", [{ value: "png", words: "PNG" }, { value: "jpg", words: "JPEG" }, { value: "webp", words: "WebP" }], format, (value) => { format = value; }),
    h("div", { class: "row nowrap" }, copyButton, batch));
}

function download(name) {
  const link = h("a", { href: `/api/results/${encodeURIComponent(name)}?download`, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

async function copyPicture(name) {
  const blob = await (await fetch(`/api/results/${encodeURIComponent(name)}`)).blob();
  await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
  toast("The picture is on the clipboard.");
}

function folderDialog(work) {
  const begin = async (path) => {
    const { network, seed, keep_colors, stroke_size, factor } = work.order;
    try {
      const job = await post("/batches", { pictures: [path], network, seed, keep_colors, stroke_size, factor });
      window.close();
      toast(`${job.title} wait in the queue. `, h("a", { href: `#/watch/${job.id}` }, "Show"));
    } catch (error) { complain(error); }
  };
  const note = `Every picture below it, with this style at noise factor ${work.factor.toFixed(2)}.`;
  const window = pathDialog("Paint a folder", "Folder of pictures", "Put into the queue", begin, { note });
}
