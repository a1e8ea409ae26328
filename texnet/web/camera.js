// The camera: its pictures painted as they come, until one is taken.

import { canvasFrom, pixelsOf } from "./pictures.js";
import { sizeAt } from "./tiles.js";

const LIVE = 320; // long side of moving pictures, pixels: several a second on a processor
const ASKED = { video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } }, audio: false };

const WHY = {
  NotAllowedError: "the camera was not allowed",
  NotFoundError: "no camera was found",
  NotReadableError: "another program uses the camera",
};

/** A camera on the stage; `onfail` gets the Error that ends its moving pictures. */
export class Camera {
  constructor(stage, painting, onfail) {
    Object.assign(this, { stage, painting, onfail });
    this.video = document.createElement("video");
    this.video.muted = this.video.playsInline = true;
    this.stream = null;
    this.frames = 0;
  }

  get running() {
    return this.stream !== null;
  }

  /** Ask for the camera and show it painted. An Error says why there is none. */
  async start() {
    if (!navigator.mediaDevices) throw new Error("browsers give cameras to pages on https or localhost only");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia(ASKED);
      this.video.srcObject = this.stream;
      await this.video.play();
    } catch (error) {
      this.stop();
      throw new Error(WHY[error.name] ?? `the camera could not be started: ${error.message}`);
    }
    this.painting.pause(true);
    this._paint().catch((error) => this.onfail(error));
  }

  /** The present picture in the camera's size, a bitmap; the camera stops. */
  async take() {
    const bitmap = await createImageBitmap(this.video);
    this.stop();
    return bitmap;
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    this.painting.pause(false);
  }

  async _paint() {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });
    while (this.running) {
      const { width, height } = sizeAt(this.video.videoWidth, this.video.videoHeight, LIVE);
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      context.drawImage(this.video, 0, 0, width, height);
      const pixels = await this.painting.paintNow(pixelsOf(canvas));
      if (!this.running) return;
      const painted = canvasFrom(pixels, width, height);
      if (this.stage.canvas.width !== width || this.stage.canvas.height !== height) this.stage.setPhoto(canvas);
      this.stage.photo = canvas;
      this.stage.show({ under: painted, over: painted, share: 1 });
      this.frames++;
    }
  }
}
