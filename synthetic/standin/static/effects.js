// What the stand-in was told to get wrong on this page; empty when all is well.

export const effects = JSON.parse(document.body.dataset.effects);

const FPS = 30;
const STRANGER_HZ = 3700;
const GIVES_UP_AFTER_MS = 1500;
const mine = document.getElementById("room")?.dataset.mine !== undefined;

if (effects.script === "error") throw new TypeError("Cannot read properties of undefined (reading 'user')");

for (const field of document.querySelectorAll("input")) {
  if (effects[`swallows_${field.id}`]) field.addEventListener("input", () => (field.value = ""));
}

function paint({ context, canvas }, x, width, colour) {
  context.fillStyle = colour;
  context.fillRect(x, 0, width, canvas.height);
}

// What can be drawn in place of a picture.
const PICTURES = {
  live: ({ context, canvas, video }) => context.drawImage(video, 0, 0, canvas.width, canvas.height),
  black: (scene) => paint(scene, 0, scene.canvas.width, "black"),
  stranger: (scene) => {
    paint(scene, 0, scene.canvas.width, "rgb(100 40 160)");
    paint(scene, (Date.now() / 10) % scene.canvas.width, 40, "white");
  },
};

// A track that shows `track` otherwise: another picture, rate or height, or one that freezes.
function redrawn(track, { picture, fps = FPS, height, freezesAfterMs = Infinity }) {
  const { width: w = 1280, height: h = 720 } = track.getSettings();
  const size = height ? { width: Math.round((height * w) / h), height } : { width: w, height: h };
  const canvas = Object.assign(document.createElement("canvas"), size);
  const video = Object.assign(document.createElement("video"), { muted: true, srcObject: new MediaStream([track]) });
  const scene = { canvas, video, context: canvas.getContext("2d") };
  const output = canvas.captureStream(0).getVideoTracks()[0];
  const draw = PICTURES[picture] ?? PICTURES.live;
  const freezesAt = performance.now() + freezesAfterMs;
  let drawn = false;
  const timer = setInterval(() => {
    if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const frozen = drawn && (picture === "frozen" || performance.now() > freezesAt);
    // A stroke that changes nothing visible makes the canvas give a new frame.
    if (frozen) scene.context.drawImage(canvas, 0, 0);
    else draw(scene);
    drawn = true;
    output.requestFrame();
    if (track.readyState === "ended") clearInterval(timer), output.stop();
  }, 1000 / fps);
  video.play();
  return output;
}

function spoken(voice) {
  const context = new AudioContext();
  const destination = context.createMediaStreamDestination();
  if (voice === "stranger") {
    const tone = new OscillatorNode(context, { frequency: STRANGER_HZ });
    tone.connect(destination);
    tone.start();
  }
  return destination.stream.getAudioTracks()[0];
}

const WISHES = {
  camera: {
    picture: effects.send_camera,
    fps: effects.camera_fps,
    height: effects.camera_height,
    freezesAfterMs: effects.camera_freezes_s && effects.camera_freezes_s * 1000,
  },
  screen: { picture: effects.send_screen },
};

function changed(track, kind) {
  const own = effects[`keep_${track.kind}`] ? track.clone() : track;
  if (track.kind === "audio") return effects.send_microphone ? spoken(effects.send_microphone) : own;
  const wish = WISHES[kind];
  return Object.values(wish).some((value) => value !== undefined) ? redrawn(own, wish) : own;
}

// The stream that others get in place of `stream`, which is of that kind: "camera", "screen".
export function sent(stream, kind) {
  const kept = stream.getTracks().filter((track) => mine || !effects[`one_way_${track.kind}`]);
  const tracks = kept.map((track) => changed(track, kind));
  const same = tracks.length === stream.getTracks().length && tracks.every((track, index) => track === kept[index]);
  return same ? stream : new MediaStream(tracks);
}

async function hold(connection, kbps) {
  for (const sender of connection.getSenders().filter(({ track }) => track?.kind === "video")) {
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) encoding.maxBitrate = kbps * 1000;
    await sender.setParameters(parameters);
  }
}

// What came back by itself within that time was not lost.
function giveUp(connection) {
  if (["disconnected", "failed"].includes(connection.iceConnectionState)) connection.close();
}

// A receiver that has begun without a transform keeps to that, so it gets it as soon as it is there.
function delay(connection, lateMs) {
  const all = () => {
    for (const receiver of connection.getReceivers()) {
      if (receiver.track.kind !== "video" || receiver.transform) continue;
      receiver.transform = new RTCRtpScriptTransform(new Worker("/static/late.js"), { late_ms: lateMs });
    }
  };
  connection.addEventListener("track", all);
  connection.addTrack = (...added) => {
    const sender = RTCPeerConnection.prototype.addTrack.apply(connection, added);
    all();
    return sender;
  };
}

// What is wrong with every connection, whomever it leads to.
export function spoil(connection) {
  const { reconnect, video_kbps: kbps, video_late_s: late } = effects;
  connection.addEventListener("iceconnectionstatechange", () => {
    const state = connection.iceConnectionState;
    if (state === "disconnected" && reconnect === "never") setTimeout(() => giveUp(connection), GIVES_UP_AFTER_MS);
    if (state === "connected" && kbps !== undefined) hold(connection, kbps);
  });
  if (late !== undefined) delay(connection, late * 1000);
}
