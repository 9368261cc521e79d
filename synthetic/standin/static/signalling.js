// The socket to the hub: a token, a socket, and both again when it is lost.

import { Refusal, alertUser, post } from "./api.js";
import { effects } from "./effects.js";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;

export class Signalling extends EventTarget {
  #session;
  #socket = null;
  #done = false;
  leaving = false; // asked for: the end of the connection is no trouble then

  constructor(session) {
    super();
    this.#session = session;
  }

  // Stays connected until close(); each message is dispatched as an event of its type.
  async run() {
    let wait = FIRST_WAIT_MS;
    while (!this.#done) {
      try {
        const { token } = await post("/api/hms/token", { session_id: this.#session });
        if (await this.#attend(token)) wait = FIRST_WAIT_MS;
      } catch (error) {
        if (this.#done) return;
        alertUser(error.message);
        if (!(error instanceof Refusal) || (error.status >= 400 && error.status < 500)) return;
      }
      if (this.#done || effects.reconnect === "never") return;
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close() {
    this.#done = true;
    this.#socket?.close();
  }

  // One connection's life; true when it got as far as the room.
  #attend(token) {
    const url = new URL("/api/hms/socket", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    let welcomed = false;
    socket.onopen = () => socket.send(JSON.stringify({ token }));
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "welcome") {
        welcomed = true;
        alertUser("");
      }
      if (message.type === "replaced" || message.type === "ended") this.#done = true;
      this.dispatchEvent(new MessageEvent(message.type, { data: message }));
    };
    return new Promise((resolve) => {
      socket.onclose = () => {
        if (!this.#done && !this.leaving) alertUser("The connection was lost; reconnecting…");
        resolve(welcomed);
      };
    });
  }
}
