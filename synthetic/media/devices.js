// Lets an actor's camera or microphone be lost in the middle of a call, as when it is unplugged, and
// lets an actor say no to the dialog that asks which screen to share, which no browser here shows.
(synthetic) => {
  const captured = [];
  const { prototype } = globalThis.MediaDevices ?? {};
  if (!prototype) return;
  prototype.getUserMedia = new Proxy(prototype.getUserMedia, {
    async apply(ask, devices, args) {
      const stream = await Reflect.apply(ask, devices, args);
      captured.push(...stream.getTracks());
      return stream;
    },
  });

  let refused = false;
  synthetic.refuseScreen = () => (refused = true);
  prototype.getDisplayMedia = new Proxy(prototype.getDisplayMedia, {
    apply(ask, devices, args) {
      if (refused) return Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
      return Reflect.apply(ask, devices, args);
    },
  });

  // `kind` is "video" or "audio"; gives the moment (milliseconds since the epoch), null if none is in use.
  synthetic.lose = (kind) => {
    const lost = captured.filter((track) => track.kind === kind && track.readyState === 'live');
    for (const track of lost) {
      track.stop();
      track.dispatchEvent(new Event('ended')); // which stopping it oneself does not send
    }
    return lost.length ? performance.timeOrigin + performance.now() : null;
  };
}
