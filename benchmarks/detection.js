// One end of a two-person call made of drawn cameras: sends the marked picture and voice of `self`,
// shows what arrives and oneself, and gets things wrong when told to.
async ({ self, other, cards, voices, cellsPerHeight, topCells }) => {
  const [WIDTH, HEIGHT] = [640, 360];
  const [columns, rows] = [10, 7];
  const cell = HEIGHT / cellsPerHeight;
  const state = { black: false, frozen: false };
  const epoch = () => performance.timeOrigin + performance.now();

  const camera = (whose, obeys) => {
    const pen = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT }).getContext('2d', { alpha: false });
    let number = 0;
    const draw = () => {
      const { black, frozen } = obeys ? state : {};
      if (!frozen) number++;
      pen.fillStyle = black ? '#000' : '#39424f';
      pen.fillRect(0, 0, WIDTH, HEIGHT);
      if (black) return;
      [...whose[number % whose.length]].forEach((white, index) => {
        pen.fillStyle = white === '1' ? '#fff' : '#000';
        const [column, row] = [index % columns, Math.floor(index / columns)];
        pen.fillRect(WIDTH / 2 + (column - columns / 2) * cell, (topCells + row) * cell, cell, cell);
      });
      pen.fillStyle = frozen ? '#999' : `hsl(${number % 360}, 60%, 50%)`;
      pen.fillRect((number * 7) % WIDTH, 240, 90, 90);
    };
    draw();
    setInterval(draw, 1000 / 30);
    return pen.canvas.captureStream(30).getVideoTracks()[0];
  };

  const microphone = async (source) => {
    const audio = new AudioContext();
    const speech = new AudioBufferSourceNode(audio, {
      buffer: await audio.decodeAudioData(await (await fetch(source)).arrayBuffer()), loop: true,
    });
    const out = audio.createMediaStreamDestination();
    speech.connect(out);
    speech.start();
    return out.stream.getAudioTracks()[0];
  };

  const show = (stream, muted) => {
    const video = document.body.appendChild(document.createElement('video'));
    video.style.cssText = 'width: 640px; height: 360px; display: inline-block';
    Object.assign(video, { muted, autoplay: true, srcObject: stream });
    return video;
  };

  const [mine, stranger] = [camera(cards[self], true), camera(cards[other], false)];
  const voice = await microphone(voices[self]);
  const connection = new RTCPeerConnection();
  const [picture, sound] = [mine, voice].map((track) => connection.addTrack(track));
  const arrived = new MediaStream();
  connection.ontrack = ({ track }) => arrived.addTrack(track);
  const oneself = new MediaStream([mine]);
  const tile = show(arrived, false);
  show(oneself, true);

  // Each is one end's: what it sends, or what it shows.
  const wrongs = {
    black: (on) => { state.black = on; },
    frozen: (on) => { state.frozen = on; },
    swapped: (on) => picture.replaceTrack(on ? stranger : mine),
    muted: (on) => { voice.enabled = !on; },
    'one-way': (on) => Promise.all([picture.replaceTrack(on ? null : mine), sound.replaceTrack(on ? null : voice)]),
    'self-view': (on) => { tile.srcObject = on ? oneself : arrived; },
  };
  const gathered = async (description) => {
    await connection.setLocalDescription(description);
    while (connection.iceGatheringState !== 'complete') await new Promise((go) => setTimeout(go, 20));
    const { type, sdp } = connection.localDescription;
    const away = (line) => line.startsWith('a=candidate') && !line.includes(' 127.0.0.1 ');
    return { type, sdp: sdp.split('\r\n').filter((line) => !away(line)).join('\r\n') };
  };
  globalThis.bench = {
    // Returns when it went wrong, or right again, in milliseconds since the epoch.
    set: async (name, on) => {
      const at = epoch();
      await wrongs[name](on);
      return at;
    },
    offer: () => gathered(),
    answer: async (offer) => {
      await connection.setRemoteDescription(offer);
      return gathered();
    },
    accept: (answer) => connection.setRemoteDescription(answer),
    look: async (windowMs, notBefore) => {
      __synthetic.closely(epoch() + 5000);
      const since = Math.max(notBefore, epoch() - windowMs);
      return [since, await __synthetic.snapshot(since)];
    },
  };
}
