// The camera of this browser: its pictures painted as they come, as large as the time allows, until one is taken.
import { painted, query } from "../api.js";
import { h } from "../dom.js";

const FPS = 8; // pictures a second that are wanted
const [LEAST, MOST, STEP] = [224, 640, 32]; // pixels of a long side
const SETTLING = 1.5; // seconds between two changes of the size
const [TOO_SLOW, TOO_FAST] = [0.9, 1.35]; // pictures a second over those wanted: the size follows
const SMOOTHING = 0.8;
const ASKED = { video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } }, audio: false };
const WHY = {
  NotAllowedError: "The camera was not allowed. The browser asks again beside the address.",
  NotFoundError: "No camera was found.",
  NotReadableError: "Another program uses the camera.",
};

// The size at which painting keeps up: it takes as long as there are pixels.
class Size {
  constructor() { Object.assign(this, { pixels: MOST / 2, seconds: 0, since: 0 }); }

  update(seconds) {
    this.seconds = this.seconds ? SMOOTHING * this.seconds + (1 - SMOOTHING) * seconds : seconds;
    this.since += Math.max(seconds, 1 / FPS);
    const rate = 1 / (this.seconds * FPS);
    if (this.since < SETTLING || (rate >= TOO_SLOW && rate <= TOO_FAST)) return;
    const pixels = Math.min(MOST, Math.max(LEAST, STEP * Math.floor((this.pixels * Math.sqrt(rate)) / STEP)));
    if (pixels === this.pixels) return;
    this.seconds *= (pixels / this.pixels) ** 2;
    Object.assign(this, { pixels, since: 0 });
  }
}

export class Camera {
  // `onshow` gets width, height and pictures a second at every picture, `onend` why it ended, empty where it was stopped.
  constructor(work, stage, { onshow, onend }) {
    Object.assign(this, { work, stage, onshow, onend, stream: null });
    this.video = h("video", { muted: true, playsInline: true });
    this.canvas = h("canvas");
  }

  get running() { return this.stream !== null; }

  async start() {
    if (!navigator.mediaDevices) throw new Error("Browsers give a camera to pages at localhost, 127.0.0.1 or by https only.");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia(ASKED);
      this.video.srcObject = stream;
      await this.video.play();
    } catch (error) {
      stream?.getTracks().forEach((track) => track.stop());
      throw new Error(WHY[error.name] ?? `The camera could not be started: ${error.message}`);
    }
    this.stream = stream;
    stream.getVideoTracks()[0].addEventListener("ended", () => this.stop("The camera sends no more pictures."));
    this.gone = new AbortController();
    this.work.hold(true);
    this.paint(this.gone.signal).catch((error) => error.name === "AbortError" || this.stop(error.message));
  }

  stop(reason = "") {
    if (!this.stream) return;
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = this.video.srcObject = null;
    this.gone.abort();
    this.work.hold(false);
    this.onend(reason);
  }

  // The present picture, as large as the camera gives it.
  async take() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const canvas = h("canvas", { width, height });
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
  }

  async paint(signal) {
    const size = new Size();
    const session = crypto.getRandomValues(new Uint32Array(2)).join("-");
    while (!signal.aborted) {
      const began = performance.now();
      if (document.hidden || !this.work.options.network) await new Promise((resolve) => { setTimeout(resolve, 200); });
      else {
        const { width, height, pixels } = this.grab(size.pixels);
        const { network, seed, keep_colors } = this.work.options;
        const picture = await painted(query("/camera", { width, height, network, seed, keep_colors, factor: this.work.factor, session }), pixels, signal);
        if (signal.aborted) return;
        this.stage.showLive(this.canvas, picture);
        size.update((performance.now() - began) / 1000);
        this.onshow({ width, height, fps: 1 / Math.max(size.seconds, 1 / 30) });
      }
      await new Promise((resolve) => { setTimeout(resolve, Math.max(0, 33 - (performance.now() - began))); }); // no more than 30 a second
    }
  }

  grab(longSide) {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, longSide / Math.max(videoWidth, videoHeight));
    const [width, height] = [videoWidth, videoHeight].map((side) => Math.max(32, 2 * Math.round((side * scale) / 2)));
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.video, 0, 0, width, height);
    return { width, height, pixels: context.getImageData(0, 0, width, height).data };
  }
}
