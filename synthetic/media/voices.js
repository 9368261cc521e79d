// Logs who is heard in each sounding element, and how loud it and our own microphone are over time.
// Times are milliseconds since the epoch.
(synthetic, { tones }) => {
  const NOBODY = -1;
  const MUTED = -2;
  const KEPT = 4000;
  const EVERY_MS = 50;
  const RATE_HZ = 48000;
  const BLOCK_MS = 5;
  const KEPT_BLOCKS = 3000;
  const epoch = (relative) => performance.timeOrigin + relative;
  const voices = [];
  let audio;

  // The audio clock lags behind ours by up to a block of output; the least lag lately is the truth.
  const lags = [];
  const offset = () => Math.min(...lags);
  const synchronise = () => {
    lags.push(epoch(performance.now()) - audio.currentTime * 1000);
    if (lags.length > 40) lags.shift();
  };

  const attach = (voice, stream) => {
    audio ??= new AudioContext({ sampleRate: RATE_HZ }); // a block is a whole number of samples
    voice.source?.disconnect();
    voice.source = audio.createMediaStreamSource(stream);
    voice.spectrometer = new AnalyserNode(audio, { fftSize: 4096, smoothingTimeConstant: 0 });
    voice.scope = new AnalyserNode(audio, { fftSize: 8192 });
    voice.spectrum = new Float32Array(voice.spectrometer.frequencyBinCount);
    voice.wave = new Float32Array(voice.scope.fftSize);
    voice.source.connect(voice.spectrometer);
    voice.source.connect(voice.scope);
  };

  // The index of the role whose tones stand out.
  const loudest = ({ spectrometer, spectrum }) => {
    spectrometer.getFloatFrequencyData(spectrum);
    const bin = audio.sampleRate / spectrometer.fftSize;
    const power = tones.map((pair) => Math.max(...pair.map((tone) => {
      const centre = Math.round(tone / bin);
      return Math.max(spectrum[centre - 1], spectrum[centre], spectrum[centre + 1]);
    })));
    const best = power.indexOf(Math.max(...power));
    const rest = Math.max(...power.filter((_, index) => index !== best));
    return power[best] > -60 && power[best] - rest > 8 ? best : NOBODY;
  };

  // The loudness of every block on the audio clock's grid that ended since the last look.
  const measure = (voice) => {
    const { scope, wave, levels } = voice;
    scope.getFloatTimeDomainData(wave);
    const size = (audio.sampleRate * BLOCK_MS) / 1000;
    const end = Math.round(audio.currentTime * audio.sampleRate);
    const oldest = Math.ceil((end - wave.length) / size);
    const last = Math.floor(end / size);
    voice.measured ??= last - 1; // what came before the first look is not told
    for (let block = Math.max(oldest, voice.measured + 1); block < last; block++) {
      let sum = 0;
      const from = block * size - (end - wave.length);
      for (let index = from; index < from + size; index++) sum += wave[index] ** 2;
      levels.push([block, Math.sqrt(sum / size)]);
      voice.measured = block;
    }
    if (levels.length > KEPT_BLOCKS) levels.splice(0, KEPT_BLOCKS / 2);
  };

  const listen = () => {
    if (audio) synchronise();
    for (const voice of voices) {
      const stream = voice.stream();
      const tracks = stream?.getAudioTracks?.().map((track) => track.id).join() || '';
      if (tracks !== voice.tracks) {
        voice.tracks = tracks;
        if (tracks) attach(voice, stream);
      }
      if (!tracks) continue;
      voice.entries.push([epoch(performance.now()), voice.silent() ? MUTED : loudest(voice)]);
      if (voice.entries.length > KEPT) voice.entries.splice(0, KEPT / 2);
      measure(voice);
    }
  };

  const added = (voice) => {
    voices.push({ entries: [], levels: [], tracks: '', ...voice });
    if (voices.length === 1) setInterval(listen, EVERY_MS);
  };

  synthetic.listenTo = (element) => {
    if (voices.some((voice) => voice.element === element)) return;
    const silent = () => element.muted || element.volume === 0 || element.paused;
    added({ element, own: false, stream: () => element.srcObject, silent });
  };

  const { prototype } = globalThis.MediaDevices ?? {};
  if (prototype) {
    prototype.getUserMedia = new Proxy(prototype.getUserMedia, {
      async apply(ask, devices, args) {
        const stream = await Reflect.apply(ask, devices, args);
        if (stream.getAudioTracks().length) added({ own: true, stream: () => stream, silent: () => true });
        return stream;
      },
    });
  }

  synthetic.firstVoice = ({ role, since }) => {
    for (const { entries } of voices) {
      const entry = entries.find(([at, heard]) => at >= since && heard === role);
      if (entry) return { at: entry[0], text: '' };
    }
    return null;
  };

  synthetic.lastVoice = ({ role, since }) => {
    const moments = voices.flatMap(({ entries }) => entries.filter(([, heard]) => heard === role).map(([at]) => at));
    return Math.max(since, ...moments);
  };

  // `levels` are [at, loudness] of blocks of 5 ms, from `before` earlier than the entries on.
  synthetic.voices = (since, before) => voices.map(({ own, stream, entries, levels }) => ({
    own,
    track: stream()?.getAudioTracks?.()[0]?.id ?? null,
    entries: entries.filter(([at]) => at >= since),
    levels: levels.map(([block, level]) => [block * BLOCK_MS + offset(), level]).filter(([at]) => at >= since - before),
  }));
}
