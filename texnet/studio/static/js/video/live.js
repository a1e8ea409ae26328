// The card of the camera: start and stop, what it does at the moment, number keys for the styles, taking a picture.
import { h, replace } from "../dom.js";
import { button, complain, speak } from "../ui.js";
import { Camera } from "./camera.js";

const NUMBERS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

export function cameraPanel(work, stage, { shelf, picker, context, onturn }) {
  const toggle = button("Camera", "camera", turn, { "aria-pressed": "false", title: "Paint what this device's camera sees" });
  const take = button("Take the picture", "image", keep, { class: "button primary large" });
  const state = h("p", { class: "small soft numbers" });
  const note = h("p", { class: "small" }, "The keys 1 to 9 choose the style, P takes the picture. It is painted on the studio's machine, and not kept.");
  const element = h("section", { class: "card stack", "aria-label": "Camera", hidden: true }, h("h2", {}, "Camera"), take, state, note);
  const camera = new Camera(work, stage, { onshow: tell, onend: end });

  function tell({ width, height, fps }) {
    replace(state, `${width} × ${height} pixels, ${fps.toFixed(1)} pictures a second`);
  }

  async function turn() {
    if (camera.running) { camera.stop(); return; }
    toggle.disabled = true;
    try {
      await camera.start();
      if (!toggle.isConnected) { camera.stop(); return; } // the page was left before the camera was allowed
      show();
      speak("The camera is painted");
    } catch (error) { complain(error); }
    toggle.disabled = false;
  }

  function show() {
    const { running } = camera;
    toggle.setAttribute("aria-pressed", String(running));
    element.hidden = !running;
    picker.element.classList.toggle("numbered", running);
    context.dropKeys([...NUMBERS, "p"]);
    if (running) {
      const styles = NUMBERS.map((number, index) => [number, { name: "1 – 9", words: index ? "" : "choose the style", run: () => picker.pickAt(index) }]);
      context.keys({ ...Object.fromEntries(styles), p: { words: "take the picture", run: keep } });
    } else replace(state, "");
    onturn();
  }

  function end(reason) {
    show();
    if (reason) complain(new Error(reason));
  }

  async function keep() {
    const blob = await camera.take();
    camera.stop();
    const when = new Date().toISOString().slice(0, 19).replace(/[T:]/g, "-");
    await shelf.send(new File([blob], `camera-${when}.png`, { type: "image/png" }));
  }

  return { element, toggle, stop: () => camera.stop(), get running() { return camera.running; } };
}
