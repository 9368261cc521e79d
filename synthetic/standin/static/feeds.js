// The connections with Janus: a publisher sends one stream of ours, a subscriber gets one of theirs.

import { passOnCandidates, withoutCandidates } from "./candidates.js";
import { spoil } from "./effects.js";

// Two layers of a camera's picture, the higher first; a screen is worth reading only as it is.
const ENCODINGS = {
  camera: [
    { rid: "h", maxBitrate: 1_500_000 },
    { rid: "l", maxBitrate: 150_000, scaleResolutionDownBy: 2 },
  ],
  screen: [{ maxBitrate: 3_000_000 }],
};
const HIGH = 1;
const LOW = 0;
const SMALL_TILE = 320; // device pixels; the low layer fills it
const SLOW_FOR_MS = 10_000;

const START_KBPS = 2000;

const RESTART_AFTER_MS = 2000;
const GIVE_UP_AFTER_MS = 10_000;

// A new connection feels its way from 300 kbps, which takes a screen's first picture seconds.
function quickened({ type, sdp }) {
  const fast = `$&a=fmtp:$1 x-google-start-bitrate=${START_KBPS}\r\n`;
  return { type, sdp: sdp.replace(/^a=rtpmap:(\d+) VP8\/90000\r\n/gm, fast) };
}

class Feed {
  #link;
  #trouble = [];
  #over = false;
  #handle = null;
  connection = new RTCPeerConnection();

  // `link` is the stay in the room that this is part of.
  constructor(link) {
    this.#link = link;
    spoil(this.connection);
    passOnCandidates(this.connection, (candidate) => this.#handle.trickle(candidate));
    this.connection.oniceconnectionstatechange = () => this.#watch();
  }

  async start() {
    this.#handle = await this.#link.janus.attach((message) => this.hear(message));
    if (this.#over) this.#handle.detach();
    else await this.begin(this.#link.place);
  }

  close() {
    this.#over = true;
    this.#calm();
    this.connection.close();
    this.#handle?.detach();
  }

  ask(request, description) {
    return this.#handle.request(request, description);
  }

  hear({ janus }) {
    if (janus === "hangup" || janus === "detached") this.#lost();
  }

  async describe() {
    await this.connection.setLocalDescription();
    return withoutCandidates(this.connection.localDescription);
  }

  #watch() {
    const state = this.connection.iceConnectionState;
    if (state === "connected" || state === "completed") this.#calm();
    if ((state !== "disconnected" && state !== "failed") || this.#trouble.length) return;
    this.#trouble = [
      setTimeout(() => this.restart().catch(() => this.#lost()), state === "failed" ? 0 : RESTART_AFTER_MS),
      setTimeout(() => this.#lost(), GIVE_UP_AFTER_MS),
    ];
  }

  #calm() {
    this.#trouble.forEach(clearTimeout);
    this.#trouble = [];
  }

  #lost() {
    if (!this.#over) this.#link.close();
  }
}

export class Publisher extends Feed {
  #kind;

  constructor(link, kind, stream) {
    super(link);
    this.#kind = kind;
    this.stream = stream;
    for (const track of stream.getTracks()) {
      const sendEncodings = track.kind === "video" ? ENCODINGS[kind] : [];
      this.connection.addTransceiver(track, { direction: "sendonly", streams: [stream], sendEncodings });
    }
  }

  async begin({ room, seat }) {
    await this.ask({ request: "join", ptype: "publisher", room, display: `${seat} ${this.#kind}` });
    await this.#offer();
  }

  restart() {
    this.connection.restartIce();
    return this.#offer();
  }

  async #offer() {
    const { jsep } = await this.ask({ request: "configure" }, await this.describe());
    await this.connection.setRemoteDescription(quickened(jsep));
  }
}

export class Subscriber extends Feed {
  #id;
  #layer = HIGH;
  #slow = null;
  #sizes = new ResizeObserver(() => this.#choose());
  #tile = null;
  stream = new MediaStream();
  ready = false;

  // The feed `id` is the `kind` ("camera", "screen") of the person with that seat.
  constructor(link, { id, seat, kind }) {
    super(link);
    this.#id = id;
    this.seat = seat;
    this.kind = kind;
    this.connection.ontrack = ({ track }) => this.stream.addTrack(track);
  }

  async begin({ room }) {
    await this.#answer({ request: "join", ptype: "subscriber", room, streams: [{ feed: this.#id }] });
    this.ready = true;
  }

  restart() {
    return this.#answer({ request: "configure", restart: true });
  }

  // Janus says so when packets get lost on their way to us.
  hear(message) {
    super.hear(message);
    if (message.janus !== "slowlink") return;
    clearTimeout(this.#slow);
    this.#slow = setTimeout(() => {
      this.#slow = null;
      this.#choose();
    }, SLOW_FOR_MS);
    this.#choose();
  }

  // Ask for the layer that suits this tile, now and whenever its size changes.
  fit(tile) {
    if (this.#tile === tile || this.kind !== "camera") return;
    this.#sizes.disconnect();
    this.#tile = tile;
    if (tile) this.#sizes.observe(tile);
  }

  close() {
    clearTimeout(this.#slow);
    this.#sizes.disconnect();
    super.close();
  }

  async #answer(request) {
    const { jsep } = await this.ask(request);
    await this.connection.setRemoteDescription(jsep);
    await this.ask({ request: "start" }, await this.describe());
  }

  #choose() {
    const small = this.#tile && this.#tile.clientWidth * devicePixelRatio <= SMALL_TILE;
    const layer = small || this.#slow ? LOW : HIGH;
    if (layer === this.#layer) return;
    this.#layer = layer;
    const video = this.connection.getTransceivers().find(({ receiver }) => receiver.track.kind === "video");
    if (!video) return;
    const streams = [{ mid: video.mid, substream: layer }];
    // Where that fails the connection is lost, which is noticed elsewhere.
    this.ask({ request: "configure", streams }).catch(() => {});
  }
}
