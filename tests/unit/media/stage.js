// What the pages of these tests are made of: cameras that draw marks, voices, and calls within the
// page. `cards` are the frames of each person, as rows of 0 and 1; `tones` their pitches in Hz.
({ cards, tones, topCells, cellsPerHeight }) => {
  const stage = { connections: [], ends: [] };

  const card = (pen, rows) => {
    const cell = pen.canvas.height / cellsPerHeight;
    const left = (pen.canvas.width - rows[0].length * cell) / 2;
    rows.forEach((row, y) => [...row].forEach((white, x) => {
      pen.fillStyle = white === '1' ? '#fff' : '#000';
      pen.fillRect(left + x * cell, (topCells + y) * cell, cell, cell);
    }));
  };

  // `trouble`: black, frozen, or half (covered); returns a stream of 30 pictures a second.
  stage.camera = (who, trouble = '', width = 640, height = 360) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const pen = canvas.getContext('2d', { alpha: false });
    let number = 0;
    const draw = () => {
      pen.fillStyle = trouble === 'black' ? '#000' : '#39424f';
      pen.fillRect(0, 0, width, height);
      if (trouble !== 'black') card(pen, cards[who][trouble === 'frozen' ? 0 : number++ % cards[who].length]);
      pen.fillStyle = '#39424f';
      if (trouble === 'half') pen.fillRect(width / 2, 0, width / 2, height);
    };
    draw();
    const stream = canvas.captureStream(30);
    const timer = setInterval(draw, 33);
    stage.ends.push(() => clearInterval(timer));
    return stream;
  };

  stage.voice = (who) => {
    const audio = new AudioContext();
    const out = audio.createMediaStreamDestination();
    for (const frequency of tones[who].slice(0, 1)) {
      const tone = new OscillatorNode(audio, { frequency });
      tone.connect(new GainNode(audio, { gain: 0.3 })).connect(out);
      tone.start();
    }
    stage.ends.push(() => audio.close());
    return out.stream;
  };

  // Sends a stream through two connections of this page; returns it as it arrives.
  stage.call = async (stream, Connection = RTCPeerConnection) => {
    const [there, here] = [new Connection(), new Connection()];
    stage.connections.push(there, here);
    there.onicecandidate = ({ candidate }) => here.addIceCandidate(candidate);
    here.onicecandidate = ({ candidate }) => there.addIceCandidate(candidate);
    const arrived = new Promise((resolve) => (here.ontrack = ({ streams: [theirs] }) => resolve(theirs)));
    for (const track of stream.getTracks()) there.addTrack(track, stream);
    await there.setLocalDescription();
    await here.setRemoteDescription(there.localDescription);
    await here.setLocalDescription();
    await there.setRemoteDescription(here.localDescription);
    return arrived;
  };

  // A picture of that stream in a box of its own.
  stage.show = (stream, into = document.body, style = '') => {
    const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true });
    video.style.cssText = `width: 480px; height: 270px; ${style}`;
    video.srcObject = stream;
    into.append(video);
    return video;
  };

  stage.clear = () => {
    for (const end of stage.ends) end();
    for (const one of stage.connections) one.close();
    for (const video of document.querySelectorAll('video')) video.srcObject = null;
    document.body.replaceChildren();
    Object.assign(stage, { ends: [], connections: [] });
  };
  globalThis.stage = stage;
}
