// Talks to Janus, which the stand-in passes everything on to: one socket, one session, many handles.

const PLUGIN = "janus.plugin.videoroom";
const CLOSED_BY_US = 4000;

export class Janus {
  #socket;
  #session = null;
  #greeted;
  #end;
  #asked = new Map();
  #handles = new Map();
  #count = 0;

  // `key` comes with our place in the call. `over` resolves with the code of the socket's end.
  constructor(key) {
    const url = new URL("/api/hms/sfu", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => this.#socket.send(JSON.stringify({ key }));
    this.#greeted = new Promise((resolve) => {
      this.#socket.onmessage = ({ data }) => {
        this.#socket.onmessage = (next) => this.#hear(JSON.parse(next.data));
        resolve(JSON.parse(data));
      };
    });
    this.over = new Promise((end) => (this.#end = end));
    this.#socket.onclose = ({ code }) => this.#end(code);
    this.over.then(() => {
      for (const { reject } of this.#asked.values()) reject(new Error("The connection to the SFU was lost."));
    });
  }

  // Begin; gives { room, seat }: where we are, and who we are there.
  async open() {
    const place = await Promise.race([this.#greeted, this.over.then(() => null)]);
    if (!place) throw new Error("The SFU cannot be reached.");
    this.#session = (await this.ask({ janus: "create" })).data.id;
    return place;
  }

  // A new handle of the video room; `hear` gets everything that nobody asked for.
  async attach(hear) {
    const { data } = await this.ask({ janus: "attach", plugin: PLUGIN });
    const handle = new Handle(this, data.id);
    this.#handles.set(data.id, hear);
    return handle;
  }

  forget(id) {
    this.#handles.delete(id);
    this.tell({ janus: "detach", handle_id: id, transaction: "detach" });
  }

  // A socket that nobody answers on takes its time to close; nobody waits for it.
  close() {
    this.#handles.clear();
    this.#socket.close();
    this.#end(CLOSED_BY_US);
  }

  tell(message) {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ ...(this.#session && { session_id: this.#session }), ...message }));
  }

  ask(message) {
    const transaction = String((this.#count += 1));
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) reject(new Error("There is no connection to the SFU."));
      this.#asked.set(transaction, { resolve, reject });
      this.tell({ ...message, transaction });
    });
  }

  #hear(message) {
    if (message.janus === "ack") return;
    const question = this.#asked.get(message.transaction);
    if (!question) {
      this.#handles.get(message.sender)?.(message);
      return;
    }
    this.#asked.delete(message.transaction);
    const refusal = message.error?.reason ?? message.plugindata?.data?.error;
    if (refusal) question.reject(new Error(`The SFU refused: ${refusal}.`));
    else question.resolve(message);
  }
}

class Handle {
  #janus;
  #id;

  constructor(janus, id) {
    this.#janus = janus;
    this.#id = id;
  }

  // Gives what the room answers, and a description where there is one.
  async request(body, description) {
    const message = { janus: "message", handle_id: this.#id, body, ...(description && { jsep: description }) };
    const { plugindata, jsep } = await this.#janus.ask(message);
    return { ...plugindata.data, jsep };
  }

  trickle(candidate) {
    this.#janus.tell({ janus: "trickle", handle_id: this.#id, candidate, transaction: "trickle" });
  }

  detach() {
    this.#janus.forget(this.#id);
  }
}
