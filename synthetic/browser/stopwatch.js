// The clock of a step, inside the page: when a person acted, and when what they wait for held.
// All times are milliseconds since the epoch, comparable between pages of one machine.
(synthetic) => {
  const epoch = (relative) => performance.timeOrigin + relative;
  const watches = new Map();
  let scheduled = false;

  for (const type of ['click', 'keydown']) {
    addEventListener(type, (event) => {
      if (event.isTrusted) globalThis.__syntheticInput?.(type, epoch(event.timeStamp));
    }, { capture: true, passive: true });
  }

  const shown = (element) => synthetic.textOf(element).slice(0, 500);

  // A text that stood there before does not count, until it has gone and comes back.
  const comesAnew = (watch, now) => {
    const texts = new Set([...synthetic.every(watch.spec)].map(shown));
    const told = [...texts].find((text) => !watch.standing.has(text));
    watch.standing = new Set([...watch.standing].filter((text) => texts.has(text)));
    return told === undefined ? null : { at: now, text: told };
  };

  // Gone is what has not been there for so long, since it was last there: the pauses of a voice and
  // a late frame are shorter.
  const QUIET_MS = 1000;
  const gone = ({ picture, voice }, now) => {
    const last = picture ? synthetic.lastPicture(picture) : synthetic.lastVoice(voice);
    return now - last >= QUIET_MS ? { at: last, text: '' } : null;
  };
  const since = ({ picture, voice }, moment) => (
    picture ? { picture: { ...picture, since: moment } } : { voice: { ...voice, since: moment } }
  );

  const sees = (watch, now) => {
    const { spec, state } = watch;
    const { picture, voice } = spec;
    if (state === 'hidden' && (picture || voice)) return gone(spec, now);
    if (picture) return synthetic.firstPicture(picture);
    if (voice) return synthetic.firstVoice(voice);
    if (watch.standing) return comesAnew(watch, now);
    const element = synthetic.find(spec);
    if ((element === null) !== (state === 'hidden')) return null;
    return { at: now, text: element ? shown(element) : '' };
  };

  // The moment is taken before looking: matching costs layout, which is not the user's wait.
  const look = () => {
    const now = epoch(performance.now());
    let waiting = false;
    for (const watch of watches.values()) {
      if (!watch.held) watch.held = sees(watch, now);
      if (!watch.held) waiting = true;
    }
    return waiting;
  };

  const everyFrame = () => {
    scheduled = look();
    if (scheduled) requestAnimationFrame(everyFrame);
  };

  const keepLooking = () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(everyFrame);
  };

  new MutationObserver(() => { if (watches.size) look(); }).observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });

  // Kept for the next document of this tab, which arms them before anything of it is shown.
  const KEPT = 'synthetic.armed';
  const KEPT_MS = 60000;
  const keep = (armed) => {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ armed, until: Date.now() + KEPT_MS }));
    } catch {
      // No storage in this document: the wait itself arms the next one, a little later.
    }
  };

  // Whether it holds before anybody acted.
  const held = (watch) => {
    const { spec, state } = watch;
    const media = spec.picture || spec.voice;
    return media && state === 'hidden' ? gone(since(spec, 0), epoch(performance.now())) : sees(watch, 0);
  };

  // Returns the ids of those that hold already: waiting for them could not fail.
  synthetic.arm = (armed, inNewDocument) => {
    watches.clear();
    if (!inNewDocument) keep(armed);
    const already = [];
    for (const { id, spec, state, anew } of armed) {
      const watch = { spec, state };
      if (anew) watch.standing = new Set(inNewDocument ? [] : [...synthetic.every(spec)].map(shown));
      else if (!inNewDocument && held(watch)) already.push(id);
      watches.set(id, watch);
    }
    keepLooking();
    return already;
  };

  // Which of these held first, or null; at the same moment the one named first.
  synthetic.held = (ids, armed) => {
    if (!ids.some((id) => watches.has(id))) synthetic.arm(armed, true);
    look();
    const held = ids.filter((id) => watches.get(id)?.held).map((id) => ({ id, ...watches.get(id).held }));
    return held.reduce((first, other) => (first && first.at <= other.at ? first : other), null);
  };

  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    if (kept && Date.now() < kept.until) synthetic.arm(kept.armed, true);
  } catch {
    // As above.
  }
}
