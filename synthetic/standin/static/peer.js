// One connection to one other person: perfect negotiation, and ICE restarts when it breaks.

import { passOnCandidates, withoutCandidates } from "./candidates.js";
import { spoil } from "./effects.js";

const RESTART_AFTER_MS = 2000;
const RESTART_EVERY_MS = 5000;

export class Peer extends EventTarget {
  #connection = new RTCPeerConnection();
  #polite;
  #send;
  #sharedStreams;
  #theirStreams = {};
  #received = new Map();
  #makingOffer = false;
  #ignoringOffer = false;
  #restart = null;

  // `streams` maps kind ("camera", "screen") to the stream that we send; it may change before refresh().
  constructor({ polite, send, streams }) {
    super();
    this.#polite = polite;
    this.#send = send;
    this.#sharedStreams = streams;
    const connection = this.#connection;
    spoil(connection);
    connection.onnegotiationneeded = () => this.#offer();
    passOnCandidates(connection, (candidate) => this.#send({ candidate }));
    connection.ontrack = ({ track, streams: [stream] }) => {
      if (!stream) return;
      this.#received.set(stream.id, stream);
      this.#announce();
      track.onunmute = () => this.#announce();
    };
    connection.oniceconnectionstatechange = () => this.#watch();
    this.refresh();
  }

  // Send exactly the tracks of our streams; renegotiates by itself when that changed.
  refresh() {
    const wanted = new Map();
    for (const stream of Object.values(this.#sharedStreams)) {
      for (const track of stream?.getTracks() ?? []) wanted.set(track, stream);
    }
    for (const sender of this.#connection.getSenders()) {
      if (sender.track && !wanted.delete(sender.track)) this.#connection.removeTrack(sender);
    }
    for (const [track, stream] of wanted) this.#connection.addTrack(track, stream);
  }

  // Ask for their media even though we have none of our own.
  listenOnly() {
    for (const kind of ["audio", "video"]) {
      this.#connection.addTransceiver(kind, { direction: "recvonly" });
    }
  }

  async hear({ description, streams, candidate }) {
    try {
      if (description) await this.#heardDescription(description, streams);
      else if (candidate) await this.#connection.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#ignoringOffer && this.#connection.signalingState !== "closed") throw error;
    }
  }

  close() {
    clearInterval(this.#restart);
    this.#connection.close();
  }

  get connection() {
    return this.#connection;
  }

  async #heardDescription(description, streams) {
    const connection = this.#connection;
    const collision =
      description.type === "offer" && (this.#makingOffer || connection.signalingState !== "stable");
    this.#ignoringOffer = !this.#polite && collision;
    if (this.#ignoringOffer) return;
    this.#theirStreams = streams ?? {};
    await connection.setRemoteDescription(description);
    this.#announce();
    if (description.type === "offer") {
      await connection.setLocalDescription();
      this.#describe();
    }
  }

  async #offer() {
    try {
      this.#makingOffer = true;
      await this.#connection.setLocalDescription();
      this.#describe();
    } catch (error) {
      if (this.#connection.signalingState !== "closed") throw error;
    } finally {
      this.#makingOffer = false;
    }
  }

  #describe() {
    const streams = Object.fromEntries(
      Object.entries(this.#sharedStreams).map(([kind, stream]) => [kind, stream?.id ?? null]),
    );
    this.#send({ description: withoutCandidates(this.#connection.localDescription), streams });
  }

  // Tell which of their streams there are now, by kind.
  #announce() {
    const streams = {};
    for (const [kind, id] of Object.entries(this.#theirStreams)) {
      if (id && this.#received.has(id)) streams[kind] = this.#received.get(id);
    }
    this.dispatchEvent(new CustomEvent("streams", { detail: streams }));
  }

  #watch() {
    const state = this.#connection.iceConnectionState;
    if (state === "connected" || state === "completed" || state === "closed") {
      clearInterval(this.#restart);
      this.#restart = null;
    } else if ((state === "disconnected" || state === "failed") && !this.#restart && !this.#polite) {
      // One of the two restarts: where both do, their offers cross, and after the rollback Chromium
      // decodes the other's frames and no longer draws them.
      const restart = () => this.#connection.restartIce();
      if (state === "failed") restart();
      else setTimeout(() => this.#restart && restart(), RESTART_AFTER_MS);
      this.#restart = setInterval(restart, RESTART_EVERY_MS);
    }
  }
}
