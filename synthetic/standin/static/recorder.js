// Records what is on the stage: pictures on a canvas, sound mixed, uploaded chunk by chunk.

import { get, post } from "./api.js";
import { effects } from "./effects.js";

const FRAMES_PER_SECOND = 15;
const CHUNK_MS = 1000;
const ASK_EVERY_MS = 300;
const SHOWN = effects.recording_shows === "oneself" ? '.tile[aria-label$="(you)"] video' : ".tile video";
const TYPE = "video/webm;codecs=vp8,opus";

export class Recorder {
  #id;
  #audio = new AudioContext();
  #mix = this.#audio.createMediaStreamDestination();
  #heard = new Set();
  #canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  #painter = null;
  #media = null;
  #sent = 0;
  #uploads = Promise.resolve();

  async start(session) {
    const { recording } = await post("/api/recordings/start", { session_id: session });
    this.#id = recording.id;
    this.#paint();
    this.#painter = setInterval(() => this.#paint(), 1000 / FRAMES_PER_SECOND);
    const tracks = [...this.#canvas.captureStream(FRAMES_PER_SECOND).getTracks(), ...this.#mix.stream.getTracks()];
    this.#media = new MediaRecorder(new MediaStream(tracks), { mimeType: TYPE });
    this.#media.ondataavailable = ({ data }) => data.size && this.#upload(data);
    this.#media.start(CHUNK_MS);
  }

  // Stops, sends the rest, and gives the recording once the server has put it together; says which
  // stage is over: "completed", "uploaded".
  async stop(say) {
    const stopped = new Promise((resolve) => (this.#media.onstop = resolve));
    this.#media.stop();
    await stopped;
    clearInterval(this.#painter);
    this.#audio.close();
    if (effects.recording_ends === "never") throw new Error("The recording could not be completed.");
    say("completed");
    await this.#uploads;
    let { recording } = await post(`/api/recordings/${this.#id}/finish`, { chunks: this.#sent });
    say("uploaded");
    while (recording.state === "uploaded" || recording.state === "processing") {
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
      ({ recording } = await get(`/api/recordings/${this.#id}`));
    }
    if (recording.state !== "ready") throw new Error("The recording could not be processed.");
    return recording;
  }

  #upload(data) {
    const number = this.#sent++;
    this.#uploads = this.#uploads.then(() => put(`/api/recordings/${this.#id}/chunks/${number}`, data));
    // Reported by stop(), which waits for it.
    this.#uploads.catch(() => {});
  }

  #paint() {
    const videos = [...document.querySelectorAll(SHOWN)].filter((video) => video.videoWidth);
    const context = this.#canvas.getContext("2d");
    const columns = Math.ceil(Math.sqrt(videos.length || 1));
    const width = this.#canvas.width / columns;
    const height = this.#canvas.height / Math.ceil((videos.length || 1) / columns);
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    videos.forEach((video, index) => {
      const scale = Math.min(width / video.videoWidth, height / video.videoHeight);
      const [w, h] = [video.videoWidth * scale, video.videoHeight * scale];
      const x = (index % columns) * width + (width - w) / 2;
      const y = Math.floor(index / columns) * height + (height - h) / 2;
      context.drawImage(video, x, y, w, h);
      this.#hear(video.srcObject);
    });
  }

  #hear(stream) {
    if (this.#heard.has(stream.id) || !stream.getAudioTracks().length) return;
    this.#heard.add(stream.id);
    this.#audio.createMediaStreamSource(stream).connect(this.#mix);
  }
}

async function put(path, blob) {
  const response = await fetch(path, { method: "PUT", body: blob });
  if (!response.ok) throw new Error(`A part of the recording could not be uploaded (${response.status}).`);
}
