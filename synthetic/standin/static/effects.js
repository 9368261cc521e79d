// What the stand-in was told to get wrong on this page; empty when all is well.

export const effects = JSON.parse(document.body.dataset.effects);

function painted(track, paint) {
  const { width = 1280, height = 720 } = track.getSettings();
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  paint(context, canvas);
  const output = canvas.captureStream(0).getVideoTracks()[0];
  const timer = setInterval(() => {
    // A stroke that changes nothing visible makes the canvas give a new frame.
    context.drawImage(canvas, 0, 0);
    output.requestFrame();
    if (track.readyState === "ended") clearInterval(timer), output.stop();
  }, 1000 / 30);
  return output;
}

const black = (track) => painted(track, (context, { width, height }) => context.fillRect(0, 0, width, height));

function frozen(track) {
  return painted(track, (context, { width, height }) => {
    const video = Object.assign(document.createElement("video"), { muted: true });
    video.srcObject = new MediaStream([track]);
    video.requestVideoFrameCallback(() => {
      context.drawImage(video, 0, 0, width, height);
      video.srcObject = null;
    });
    // Cut short as soon as the picture is taken, which play() reports as a failure.
    video.play().catch(() => {});
  });
}

function silent() {
  const context = new AudioContext();
  return context.createMediaStreamDestination().stream.getAudioTracks()[0];
}

const SENT = { black, frozen, silent };

// The stream that others get in place of `stream`; effects by kind of track, e.g. {video: "black"}.
export function sent(stream, { audio, video }) {
  if (!audio && !video) return stream;
  const change = (track, effect) => SENT[effect]?.(track) ?? track;
  return new MediaStream([
    ...stream.getAudioTracks().map((track) => change(track, audio)),
    ...stream.getVideoTracks().map((track) => change(track, video)),
  ]);
}
