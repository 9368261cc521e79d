// Reads who is in each picture and heard in each voice of the page, frame by frame, and collects
// the statistics of all its peer connections. All times are milliseconds since the epoch.
(synthetic, config) => {
  const { layout, tones } = config;
  const WHITENING = BigInt('0x' + layout.whitening);
  const UNREADABLE = -1;
  const MUTED = -2;
  const CONTRAST = 40;
  const KEPT = 4000;
  const SEEN_EVERY_MS = 250;
  const HEARD_EVERY_MS = 50;
  const epoch = (relative) => performance.timeOrigin + relative;

  // --- the mark ---

  const crc16 = (data) => {
    let crc = 0xffff;
    for (let position = 23; position >= 0; position--) {
      const carry = (crc >> 15) ^ ((data >> position) & 1);
      crc = (crc << 1) & 0xffff;
      if (carry) crc ^= 0x1021;
    }
    return crc;
  };

  // luma: { at(x, y) } over the picture; returns the 24 bits of data, or UNREADABLE.
  const readCard = (luma, width, height) => {
    const cell = height / layout.cellsPerHeight;
    const columns = layout.columns + 2;
    const left = width / 2 - (columns / 2) * cell;
    const reach = Math.max(0, Math.floor(cell * 0.22));
    const value = (column, row) => {
      const x = Math.floor(left + (column + 0.5) * cell);
      const y = Math.floor((layout.topCells + row + 0.5) * cell);
      let sum = 0;
      for (let dy = -reach; dy <= reach; dy++) for (let dx = -reach; dx <= reach; dx++) sum += luma(x + dx, y + dy);
      return sum / (2 * reach + 1) ** 2;
    };
    const rows = layout.rows + 2;
    const mean = (column) => {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += value(column, row);
      return sum / rows;
    };
    let white = mean(0);
    let black = mean(columns - 1);
    const mirrored = black > white;
    if (mirrored) [white, black] = [black, white];
    if (white - black < CONTRAST) return UNREADABLE;
    const bit = (column, row) => {
      const share = (value(mirrored ? columns - 1 - column : column, row) - black) / (white - black);
      if (share > 0.36 && share < 0.64) return null;
      return share >= 0.5 ? 1 : 0;
    };
    for (let column = 0; column < layout.columns; column++) {
      if (bit(column + 1, 0) !== column % 2 || bit(column + 1, rows - 1) !== column % 2) return UNREADABLE;
    }
    let word = 0n;
    for (let row = 1; row <= layout.rows; row++) {
      for (let column = 1; column <= layout.columns; column++) {
        const read = bit(column, row);
        if (read === null) return UNREADABLE;
        word = (word << 1n) | BigInt(read);
      }
    }
    word ^= WHITENING;
    const data = Number(word >> 16n);
    return crc16(data) === Number(word & 0xffffn) ? data : UNREADABLE;
  };

  let canvas;
  const throughCanvas = (video, width, height) => {
    canvas ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const deep = Math.ceil((height / layout.cellsPerHeight) * (layout.rows + 4));
    canvas.canvas.width = width;
    canvas.canvas.height = deep;
    canvas.drawImage(video, 0, 0, width, deep, 0, 0, width, deep);
    const { data } = canvas.getImageData(0, 0, width, deep);
    return readCard((x, y) => data[4 * (y * width + x) + 1], width, height);
  };

  // The luma plane of the card alone is copied: no colour conversion, a few kilobytes a frame.
  const read = async (video) => {
    const frame = new VideoFrame(video);
    try {
      const { x: left, y: top, width, height } = frame.visibleRect;
      const cell = height / layout.cellsPerHeight;
      const planar = /^(I4|NV)/.test(frame.format || '');
      if (!planar && !/^(RGB|BGR)/.test(frame.format || '')) return throughCanvas(video, width, height);
      const even = (value) => Math.max(0, Math.floor(value / 2) * 2);
      const rect = {
        x: left + even(width / 2 - ((layout.columns + 2) / 2) * cell),
        y: top,
        width: even(Math.min(width, (layout.columns + 2.5) * cell + 2)),
        height: even((layout.rows + 2 + layout.topCells) * cell + 2),
      };
      rect.width = Math.min(rect.width, even(left + width - rect.x));
      const bytes = new Uint8Array(frame.allocationSize({ rect }));
      const [{ offset, stride }] = await frame.copyTo(bytes, { rect });
      const [step, shift] = planar ? [1, 0] : [4, 1];
      const x0 = rect.x - left;
      return readCard((x, y) => bytes[offset + y * stride + (x - x0) * step + shift], width, height);
    } finally {
      frame.close();
    }
  };

  // --- pictures: each entry is [at, data, width, height, seen by a person] ---

  const pictures = [];
  const clear = (colour) => {
    const alpha = /rgba\(.*,\s*([\d.]+)\)/.exec(colour);
    return colour === 'transparent' || (alpha !== null && Number(alpha[1]) < 0.6);
  };
  const opacity = (element) => {
    let share = 1;
    for (let at = element; at; at = at.parentElement || at.getRootNode().host) share *= Number(getComputedStyle(at).opacity);
    return share;
  };
  const covers = (element) => {
    const style = getComputedStyle(element);
    if (opacity(element) < 0.6) return false;
    return element.matches('img,video,canvas,iframe,object') || style.backgroundImage !== 'none' || !clear(style.backgroundColor);
  };
  const seenByPerson = (video) => {
    const box = video.getBoundingClientRect();
    if (!video.checkVisibility({ visibilityProperty: true }) || box.width < 40 || box.height < 24 || opacity(video) < 0.4) return false;
    let open = 0;
    for (const [x, y] of [[0.5, 0.5], [0.3, 0.3], [0.7, 0.3], [0.3, 0.7], [0.7, 0.7]]) {
      const root = video.getRootNode();
      const stack = root.elementsFromPoint(box.left + x * box.width, box.top + y * box.height);
      const depth = stack.indexOf(video);
      if (depth >= 0 && !stack.slice(0, depth).some(covers)) open++;
    }
    return open >= 3;
  };

  const watchPicture = (video) => {
    if (pictures.some((picture) => picture.video === video)) return;
    const picture = { video, entries: [], lookedAt: -Infinity, seen: false };
    pictures.push(picture);
    const next = (now, { presentationTime, width, height }) => {
      video.requestVideoFrameCallback(next);
      if (now - picture.lookedAt > SEEN_EVERY_MS || !picture.seen) {
        picture.seen = seenByPerson(video);
        picture.lookedAt = now;
      }
      const entry = [epoch(presentationTime), UNREADABLE, width, height, picture.seen];
      read(video).then((data) => {
        entry[1] = data;
        picture.entries.push(entry);
        if (picture.entries.length > KEPT) picture.entries.splice(0, KEPT / 2);
      });
    };
    video.requestVideoFrameCallback(next);
  };

  const names = (data, { role, screen, nonce }) =>
    data >= 0 && data >> 21 === role && ((data >> 20) & 1) === Number(screen) && ((data >> 8) & 0xfff) === nonce;

  synthetic.firstPicture = (wanted) => {
    let first = null;
    for (const { entries } of pictures) {
      const entry = entries.find(([at, data, , , seen]) => at >= wanted.since && seen && names(data, wanted));
      if (entry && (!first || entry[0] < first.at)) first = { at: entry[0], text: '' };
    }
    return first;
  };

  // --- voices: each entry is [at, index of the role heard, -1 none, -2 muted] ---

  const voices = [];
  let audio;
  const listenTo = (element) => {
    if (voices.some((voice) => voice.element === element)) return;
    voices.push({ element, entries: [], tracks: '', analyser: null, spectrum: null });
    if (voices.length === 1) setInterval(() => voices.forEach(hear), HEARD_EVERY_MS);
  };
  const attach = (voice, stream) => {
    audio ??= new AudioContext();
    voice.source?.disconnect();
    voice.source = audio.createMediaStreamSource(stream);
    voice.analyser = new AnalyserNode(audio, { fftSize: 4096, smoothingTimeConstant: 0 });
    voice.spectrum = new Float32Array(voice.analyser.frequencyBinCount);
    voice.source.connect(voice.analyser);
  };
  const hear = (voice) => {
    const { element } = voice;
    const stream = element.srcObject;
    const tracks = stream?.getAudioTracks?.().map((track) => track.id).join() || '';
    if (tracks !== voice.tracks) {
      voice.tracks = tracks;
      if (tracks) attach(voice, stream);
    }
    if (!tracks) return;
    const silent = element.muted || element.volume === 0 || element.paused;
    voice.entries.push([epoch(performance.now()), silent ? MUTED : loudest(voice)]);
    if (voice.entries.length > KEPT) voice.entries.splice(0, KEPT / 2);
  };
  const loudest = ({ analyser, spectrum }) => {
    analyser.getFloatFrequencyData(spectrum);
    const bin = audio.sampleRate / analyser.fftSize;
    const power = tones.map((pair) => Math.max(...pair.map((tone) => {
      const centre = Math.round(tone / bin);
      return Math.max(spectrum[centre - 1], spectrum[centre], spectrum[centre + 1]);
    })));
    const best = power.indexOf(Math.max(...power));
    const rest = Math.max(...power.filter((_, index) => index !== best));
    return power[best] > -60 && power[best] - rest > 8 ? best : UNREADABLE;
  };

  synthetic.firstVoice = ({ role, since }) => {
    for (const { entries } of voices) {
      const entry = entries.find(([at, heard]) => at >= since && heard === role);
      if (entry) return { at: entry[0], text: '' };
    }
    return null;
  };

  // --- where media and connections come from: hooked, so that closed shadow roots hide nothing ---

  const setter = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
    ...setter,
    set(stream) {
      setter.set.call(this, stream);
      if (this instanceof HTMLVideoElement) watchPicture(this);
      listenTo(this);
    },
  });

  const connections = new Set();
  const Native = globalThis.RTCPeerConnection;
  if (Native) {
    globalThis.RTCPeerConnection = new Proxy(Native, {
      construct(target, args, derived) {
        const connection = Reflect.construct(target, args, derived);
        connections.add(connection);
        return connection;
      },
    });
  }

  const REPORTED = new Set(['inbound-rtp', 'outbound-rtp', 'remote-inbound-rtp', 'media-source', 'candidate-pair', 'local-candidate', 'codec', 'transport']);
  const statistics = async () => {
    const reports = [];
    for (const connection of connections) {
      if (connection.connectionState === 'closed') {
        connections.delete(connection);
        continue;
      }
      const stats = [...(await connection.getStats()).values()].filter(({ type }) => REPORTED.has(type));
      reports.push({ state: connection.connectionState, stats });
    }
    return reports;
  };

  // Everything since a moment, for media/proof.py.
  synthetic.snapshot = async (since) => ({
    at: epoch(performance.now()),
    pictures: pictures.map(({ video, entries }) => ({
      track: video.srcObject?.getVideoTracks?.()[0]?.id ?? null,
      entries: entries.filter(([at]) => at >= since),
    })),
    voices: voices.map(({ element, entries }) => ({
      track: element.srcObject?.getAudioTracks?.()[0]?.id ?? null,
      entries: entries.filter(([at]) => at >= since),
    })),
    connections: await statistics(),
  });
}
