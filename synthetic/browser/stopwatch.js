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

  // A text that stood there before is no refusal, until it has gone and comes back.
  const refuses = (watch, now) => {
    const texts = new Set([...synthetic.every(watch.spec)].map(shown));
    const told = [...texts].find((text) => !watch.standing.has(text));
    watch.standing = new Set([...watch.standing].filter((text) => texts.has(text)));
    return told === undefined ? null : { at: now, text: told };
  };

  // Gone is what has not been there for so long: the pauses of a voice and a late frame are shorter.
  const QUIET_MS = 500;
  const gone = (last, now) => (now - last >= QUIET_MS ? { at: last + QUIET_MS, text: '' } : null);

  const sees = (watch, now) => {
    const { spec, state } = watch;
    const { picture, voice } = spec;
    if (picture) return state === 'hidden' ? gone(synthetic.lastPicture(picture), now) : synthetic.firstPicture(picture);
    if (voice) return state === 'hidden' ? gone(synthetic.lastVoice(voice), now) : synthetic.firstVoice(voice);
    if (watch.standing) return refuses(watch, now);
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

  // Returns the ids of those that hold already: waiting for them could not fail.
  synthetic.arm = (armed, inNewDocument) => {
    watches.clear();
    if (!inNewDocument) keep(armed);
    const already = [];
    for (const { id, spec, state, refusal } of armed) {
      const watch = { spec, state };
      if (refusal) watch.standing = new Set(inNewDocument ? [] : [...synthetic.every(spec)].map(shown));
      else if (!inNewDocument && sees(watch, 0)) already.push(id);
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
