// The call: our media, everybody else's, and the people they belong to.

import { effects, sent } from "./effects.js";
import { Mesh } from "./mesh.js";
import { Sfu } from "./sfu.js";
import { hideTile, listPeople, showTile } from "./stage.js";

const Media = { mesh: Mesh, sfu: Sfu }[document.getElementById("room").dataset.topology];

const CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

export class Call extends EventTarget {
  #signalling;
  #people = new Map();
  #you = null;
  #sending = { camera: null, screen: null };
  #cameras = new Map();
  #media;
  camera = null;
  screen = null;

  constructor(signalling) {
    super();
    this.#signalling = signalling;
    const on = (type, action) => signalling.addEventListener(type, ({ data }) => action(data));
    on("welcome", (message) => this.#welcome(message));
    on("joined", ({ person }) => this.#arrive(person));
    on("state", ({ person }) => this.#update(person));
    on("left", ({ id }) => this.#go(id));
    on("signal", ({ from, data }) => this.#people.has(from) && this.#media.hear(from, data));
    this.#media = new Media(this.#sending, signalling);
    this.#media.addEventListener("streams", ({ detail: { id, streams } }) => this.#showStreams(id, streams));
  }

  // Ask for camera and microphone, or for what there is of them.
  async startMedia() {
    const wishes = [{ video: CAMERA, audio: true }, { audio: true }, { video: CAMERA }];
    let refusal = null;
    for (const wish of wishes) {
      try {
        this.camera = await navigator.mediaDevices.getUserMedia(wish);
        break;
      } catch (error) {
        refusal ??= error;
      }
    }
    if (!this.camera) {
      this.#media.settle(false);
      throw new Error(`Camera and microphone cannot be used (${refusal.name}).`);
    }
    for (const track of this.camera.getTracks()) track.addEventListener("ended", () => this.#lose(track));
    this.#sending.camera = sent(this.camera, "camera");
    if (this.#you) showTile(this.#you, "camera", this.camera);
    this.#media.refresh();
    this.#media.settle(this.#sending.camera.getTracks().length > 0);
  }

  async shareScreen() {
    this.screen = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } } });
    this.screen.getVideoTracks()[0].addEventListener("ended", () => this.stopSharing());
    this.#sending.screen = sent(this.screen, "screen");
    showTile(this.#you, "screen", this.screen);
    this.#media.refresh();
  }

  stopSharing() {
    if (!this.screen) return;
    if (effects.stop_screen !== "ignored") {
      for (const track of this.screen.getTracks()) track.stop();
      this.#sending.screen = null;
    }
    this.screen = null;
    hideTile(this.#you, "screen");
    this.#media.refresh();
    this.dispatchEvent(new Event("sharing-stopped"));
  }

  // A device went while it was used: the others should not keep looking at its last picture.
  #lose(track) {
    const what = track.kind === "audio" ? "microphone" : "camera";
    this.#you = { ...this.#you, [what]: false };
    this.#tellState();
    this.#list();
    this.dispatchEvent(new CustomEvent("device-lost", { detail: what }));
  }

  // Switch our "audio" or "video" on or off; gives whether it is on now.
  toggle(kind) {
    const streams = effects[`keep_${kind}`] ? [this.camera] : [this.camera, this.#sending.camera];
    const tracks = new Set(streams.flatMap((stream) => stream?.getTracks().filter((t) => t.kind === kind) ?? []));
    const enabled = ![...tracks].every((track) => track.enabled);
    for (const track of tracks) track.enabled = enabled;
    this.#you = { ...this.#you, [kind === "audio" ? "microphone" : "camera"]: enabled };
    this.#tellState();
    this.#list();
    return enabled;
  }

  close() {
    this.#media.close();
    for (const stream of [this.camera, this.screen, this.#sending.camera, this.#sending.screen]) {
      for (const track of stream?.getTracks() ?? []) track.stop();
    }
  }

  #tellState() {
    const { microphone, camera } = this.#you;
    const kept = { microphone: Boolean(effects.keep_audio), camera: Boolean(effects.keep_video) };
    this.#signalling.send({ type: "state", microphone: microphone || kept.microphone, camera: camera || kept.camera });
  }

  #welcome({ you, people, key }) {
    for (const id of [...this.#people.keys()]) this.#go(id);
    const before = this.#you;
    this.#you = { ...you, you: true, id: "you", seat: you.id };
    if (before) {
      Object.assign(this.#you, { microphone: before.microphone, camera: before.camera });
      this.#tellState();
    }
    showTile(this.#you, "camera", this.camera);
    for (const person of people) {
      this.#people.set(person.id, person);
      showTile(person, "camera", null);
    }
    this.#list();
    this.#media.enter({ you, people, key });
  }

  #arrive(person) {
    this.#people.set(person.id, { ...person, unlisted: effects.participants === "stale" });
    showTile(person, "camera", null);
    this.#list();
    this.#media.meet(person.id);
  }

  #update(person) {
    const known = this.#people.get(person.id);
    if (!known) return;
    this.#people.set(person.id, { ...known, ...person });
    this.#list();
  }

  #go(id) {
    this.#media.forget(id);
    const person = this.#people.get(id);
    if (!person) return;
    this.#people.delete(id);
    this.#cameras.delete(id);
    hideTile(person, "camera");
    hideTile(person, "screen");
    this.#list();
  }

  #showStreams(id, { camera, screen }) {
    const person = this.#people.get(id);
    if (!person) return;
    this.#cameras.set(id, camera ?? null);
    for (const each of this.#people.values()) showTile(each, "camera", this.#cameraBeside(each.id));
    if (screen && effects.show_screen !== "never") showTile(person, "screen", screen);
    else hideTile(person, "screen");
  }

  // Whose camera is in the tile of `id`: theirs, when all is well.
  #cameraBeside(id) {
    const theirs = this.#cameras.get(id) ?? null;
    if (effects.show_camera === "self" && theirs) return this.camera;
    if (effects.show_camera !== "swapped") return theirs;
    const ids = [...this.#cameras.keys()];
    return this.#cameras.get(ids[(ids.indexOf(id) + 1) % ids.length]) ?? null;
  }

  #list() {
    const listed = [...this.#people.values()].filter((person) => !person.unlisted);
    listPeople([this.#you, ...listed]);
  }
}
