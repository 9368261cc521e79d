// Everything goes through Janus: our camera and microphone, our screen, and each camera and screen of
// the others have a connection of their own. Whatever cannot be mended is begun anew.

import { effects } from "./effects.js";
import { Publisher, Subscriber } from "./feeds.js";
import { Janus } from "./janus.js";
import { tileOf } from "./stage.js";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;
const PLACE_GONE = [1000, 4401];

export class Sfu extends EventTarget {
  #streams;
  #key = null;
  #link = null;

  // `streams` maps kind ("camera", "screen") to the stream that we send; it may change before refresh().
  constructor(streams) {
    super();
    this.#streams = streams;
  }

  // Take a place in the call; whoever else is there is heard of from Janus.
  enter({ key }) {
    this.#key = key;
    this.#link?.close();
    this.#stay(key);
  }

  // Nothing to do: what there is of our own is sent from refresh().
  settle() {}

  // Nobody signals past Janus.
  hear() {}

  refresh() {
    this.#link?.refresh();
  }

  // Somebody is known now whose media may have been here before them.
  meet(id) {
    this.#link?.announce(id);
  }

  forget(id) {
    this.#link?.forget(id);
  }

  close() {
    this.#key = null;
    this.#link?.close();
  }

  // Stays connected for as long as the place is ours.
  async #stay(key) {
    let wait = FIRST_WAIT_MS;
    while (this.#key === key) {
      const link = new Link(key, this.#streams, (detail) => {
        if (this.#link === link) this.dispatchEvent(new CustomEvent("streams", { detail }));
      });
      this.#link = link;
      const joined = await link.join().then(() => true, () => link.close());
      if (joined) wait = FIRST_WAIT_MS;
      if (PLACE_GONE.includes(await link.over) || this.#key !== key || effects.reconnect === "never") return;
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }
}

// One stay in the room, until something breaks.
class Link {
  #streams;
  #show;
  #sending = {};
  #receiving = new Map();
  place = null;

  constructor(key, streams, show) {
    this.janus = new Janus(key);
    this.#streams = streams;
    this.#show = show;
    this.over = this.janus.over.then((code) => this.#end(code));
  }

  async join() {
    this.place = await this.janus.open();
    const watcher = await this.janus.attach(({ plugindata }) => this.#hear(plugindata?.data ?? {}));
    const { room } = this.place;
    this.#hear(await watcher.request({ request: "join", ptype: "publisher", room }));
    this.refresh();
  }

  close() {
    this.janus.close();
  }

  // Send exactly our streams.
  refresh() {
    if (!this.place) return;
    for (const kind of ["camera", "screen"]) {
      const stream = this.#streams[kind];
      if (this.#sending[kind]?.stream === stream) continue;
      this.#sending[kind]?.close();
      delete this.#sending[kind];
      if (!stream) continue;
      this.#sending[kind] = new Publisher(this, kind, stream);
      this.#sending[kind].start().catch(() => this.close());
    }
  }

  announce(seat) {
    const theirs = [...this.#receiving.values()].filter((one) => one.seat === seat && one.ready);
    const streams = Object.fromEntries(theirs.map(({ kind, stream }) => [kind, stream]));
    this.#show({ id: seat, streams });
    for (const one of theirs) one.fit(tileOf(seat, one.kind));
  }

  forget(seat) {
    for (const [id, one] of this.#receiving) if (one.seat === seat) this.#drop(id);
  }

  #hear({ publishers = [], unpublished, leaving }) {
    for (const { id, display } of publishers) this.#receive(id, display);
    for (const id of [unpublished, leaving]) this.#drop(id);
  }

  #receive(id, display = "") {
    const [seat, kind] = display.split(" ");
    if (seat === this.place.seat || this.#receiving.has(id)) return;
    const subscriber = new Subscriber(this, { id, seat, kind });
    this.#receiving.set(id, subscriber);
    // A feed may be gone before we are there; another is told of like this one.
    subscriber.start().then(
      () => this.announce(seat),
      () => this.#drop(id),
    );
  }

  #drop(id) {
    const gone = this.#receiving.get(id);
    if (!gone) return;
    gone.close();
    this.#receiving.delete(id);
    this.announce(gone.seat);
  }

  #end(code) {
    for (const publisher of Object.values(this.#sending)) publisher.close();
    for (const id of [...this.#receiving.keys()]) this.#drop(id);
    this.place = null;
    return code;
  }
}
