// Everybody is connected with everybody else. The newcomer calls all, once it knows what media it
// has; the others wait to be called.

import { Peer } from "./peer.js";

export class Mesh extends EventTarget {
  #streams;
  #signalling;
  #seat = null;
  #peers = new Map();
  #toCall = new Set();
  #media = null;

  // `streams` maps kind ("camera", "screen") to the stream that we send; it may change before refresh().
  constructor(streams, signalling) {
    super();
    this.#streams = streams;
    this.#signalling = signalling;
  }

  // Take a place in the call, beside these people.
  enter({ you, people }) {
    this.#seat = you.id;
    this.#toCall = new Set(people.map(({ id }) => id));
    this.#callThem();
  }

  // It is known now whether we have media of our own.
  settle(media) {
    this.#media = media;
    this.#callThem();
  }

  // Somebody came after us: they call.
  meet() {}

  hear(id, data) {
    return this.#peer(id).hear(data);
  }

  refresh() {
    for (const peer of this.#peers.values()) peer.refresh();
  }

  forget(id) {
    this.#peers.get(id)?.close();
    this.#peers.delete(id);
    this.#toCall.delete(id);
  }

  close() {
    for (const peer of this.#peers.values()) peer.close();
  }

  #callThem() {
    if (this.#media === null) return;
    for (const id of this.#toCall) {
      const peer = this.#peer(id);
      if (!this.#media) peer.listenOnly();
    }
    this.#toCall.clear();
  }

  #peer(id) {
    const known = this.#peers.get(id);
    if (known) return known;
    const peer = new Peer({
      polite: this.#seat < id,
      send: (data) => this.#signalling.send({ type: "signal", to: id, data }),
      streams: this.#streams,
    });
    this.#peers.set(id, peer);
    peer.addEventListener("streams", ({ detail: streams }) => {
      this.dispatchEvent(new CustomEvent("streams", { detail: { id, streams } }));
    });
    return peer;
  }
}
