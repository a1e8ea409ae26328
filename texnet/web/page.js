// The page: reads the list of networks, and connects the stage, the controls, the camera and saving.

import { Camera } from "./camera.js";
import { Controls } from "./controls.js";
import { listenToKeys } from "./keys.js";
import { Painting } from "./painting.js";
import { download, openPicture, pictureIn } from "./pictures.js";
import { explain, fileName, fullSizeOf, memoryFor, paintFull } from "./save.js";
import { Stage } from "./stage.js";

const part = (id) => document.getElementById(id);
const memory = memoryFor({ deviceMemory: navigator.deviceMemory, small: matchMedia("(pointer: coarse)").matches });

const manifest = await (await fetch("styles.json")).json();
const { searchParams } = new URL(location.href);
const painting = new Painting(manifest.styles, { engine: searchParams.get("engine"), webgpu: manifest.webgpu });
const stage = new Stage({
  stage: part("stage"), frame: part("frame"), canvas: part("canvas"), wipe: part("wipe"), split: part("split"),
});
const controls = new Controls(part, painting);
const camera = new Camera(stage, painting, (error) => {
  closeCamera();
  say(`The camera's picture could not be painted: ${error.message}`);
});
let saving = null; // of a full size: {stopped}

// ---- what is painted

painting.addEventListener("photo", ({ detail: photo }) => stage.setPhoto(photo));
painting.addEventListener("show", ({ detail }) => {
  if (camera.running) return;
  if (!detail.keep || !stage.shown) stage.show(detail);
  part("canvas").dataset.exact = String(detail.exact);
  controls.showProgress(detail.progress);
  showSaving();
});
painting.addEventListener("busy", ({ detail }) => (part("busy").hidden = !detail));
painting.addEventListener("error", ({ detail }) => say(`It could not be painted: ${detail}`));
painting.addEventListener("time", ({ detail: { milliseconds, engine } }) => {
  part("starting").hidden = true;
  const name = engine === "wasm" ? "WebAssembly" : "WebGPU";
  part("status").textContent = `${name}, ${(milliseconds / 1000).toFixed(1)} s a picture`;
});
painting.addEventListener("engine", ({ detail }) => (part("status").title = detail));

// ---- pictures in

async function open(blob, name) {
  if (!blob) return;
  try {
    if (camera.running) closeCamera();
    await painting.open(await openPicture(blob, name ?? blob.name));
  } catch (error) {
    say(error.message);
  }
}

part("open").addEventListener("click", () => part("file").click());
part("file").addEventListener("change", () => {
  open(part("file").files[0]);
  part("file").value = "";
});
addEventListener("paste", (event) => open(pictureIn(event.clipboardData)));
addEventListener("dragover", (event) => {
  event.preventDefault();
  part("drop").hidden = false;
});
addEventListener("dragleave", (event) => (part("drop").hidden = !event.relatedTarget));
addEventListener("drop", (event) => {
  event.preventDefault();
  part("drop").hidden = true;
  open(pictureIn(event.dataTransfer));
});

// ---- the camera

async function startCamera() {
  if (camera.running) return closeCamera();
  try {
    await camera.start();
    showCamera(true);
  } catch (error) {
    say(error.message);
  }
}

async function takePicture() {
  try {
    const bitmap = await camera.take();
    showCamera(false);
    await painting.open({ bitmap, name: "camera" });
  } catch (error) {
    say(error.message);
  }
}

function closeCamera() {
  camera.stop();
  showCamera(false);
  if (painting.photo) stage.setPhoto(painting.photo);
  painting.set({});
}

function showCamera(on) {
  part("live").hidden = !on;
  document.querySelector("#stage nav").hidden = on;
  part("save").disabled = part("save-full").disabled = on;
  if (on) part("take").focus();
}

part("camera").addEventListener("click", startCamera);
part("take").addEventListener("click", takePicture);
part("stop").addEventListener("click", closeCamera);

// ---- comparing

function compare() {
  stage.comparing = !stage.comparing;
  part("compare").setAttribute("aria-pressed", String(stage.comparing));
  if (stage.comparing) part("split").focus();
}

part("compare").addEventListener("click", compare);
part("help").addEventListener("click", () => part("keys").showModal());
part("keys-close").addEventListener("click", () => part("keys").close());

// ---- saving

function showSaving() {
  const { picture, photo } = painting;
  if (!picture || saving) return;
  const full = fullSizeOf(picture.bitmap, photo, painting.settings.style, memory);
  part("save-full").hidden = !full || full.tooLarge;
  part("save").querySelector("span").textContent = full ? `Save ${photo.width} × ${photo.height}` : "Save";
  if (full) part("save-full").textContent = `Save full size, ${full.width} × ${full.height}`;
  part("note").textContent = explain(full);
}

async function save() {
  const { picture, settings } = painting;
  try {
    const canvas = await painting.exact();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    download(blob, fileName(picture.name, settings, "png"));
  } catch (error) {
    say(error.message);
  }
}

async function saveFull() {
  const { picture, settings } = painting;
  saving = { stopped: false };
  showProgress(0);
  painting.pause(true);
  try {
    const blob = await paintFull(painting.wasm, picture.bitmap, settings, memory, {
      progress: showProgress,
      stopped: () => saving.stopped,
    });
    if (blob) download(blob, fileName(`${picture.name}_full`, settings, "png"));
  } catch (error) {
    say(`The full size could not be painted: ${error.message}`);
  }
  saving = null;
  part("progress").hidden = true;
  part("save").disabled = part("save-full").disabled = false;
  painting.pause(false);
}

function showProgress(share) {
  part("progress").hidden = false;
  part("save").disabled = part("save-full").disabled = true;
  part("progress").querySelector("progress").value = share;
}

part("save").addEventListener("click", save);
part("save-full").addEventListener("click", saveFull);
part("cancel").addEventListener("click", () => (saving.stopped = true));

// ---- keys, messages, the first picture

const styleKeys = painting.styles.slice(0, 9).map((style, i) => [String(i + 1), () => controls.chooseStyle(style)]);
listenToKeys(
  {
    ...Object.fromEntries(styleKeys),
    ArrowLeft: () => controls.stepStrength(-1),
    ArrowRight: () => controls.stepStrength(1),
    o: () => part("file").click(),
    c: startCamera,
    x: compare,
    r: () => controls.roll(),
    s: () => !part("save").disabled && save(),
    "?": () => part("keys").showModal(),
    Enter: () => camera.running && takePicture(),
    Escape: () => camera.running && closeCamera(),
  },
  { b: (on) => stage.showPhotoAlone(on) },
);

let silence = 0;
function say(words) {
  part("message").textContent = words;
  part("message").hidden = false;
  clearTimeout(silence);
  silence = setTimeout(() => (part("message").hidden = true), 8000);
}

const example = await fetch(manifest.example);
if (!painting.picture) await painting.open(await openPicture(await example.blob(), manifest.example));
