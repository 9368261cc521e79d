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

  const sees = (watch, now) => {
    const { spec, state } = watch;
    if (spec.picture) return synthetic.firstPicture?.(spec.picture) ?? null;
    if (spec.voice) return synthetic.firstVoice?.(spec.voice) ?? null;
    const element = synthetic.find(spec);
    if ((element === null) !== (state === 'hidden')) return null;
    const text = element ? synthetic.textOf(element).slice(0, 500) : '';
    if (watch.ignored !== undefined && text === watch.ignored) return null;
    return { at: now, text };
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

  // Returns the ids of those that hold already: waiting for them could not fail.
  // A refusal ignores the text that stands there now.
  synthetic.arm = (armed, inNewDocument) => {
    watches.clear();
    const already = [];
    for (const { id, spec, state, refusal } of armed) {
      const watch = { spec, state };
      const there = inNewDocument ? null : sees(watch, 0);
      if (there && refusal) watch.ignored = there.text;
      else if (there) already.push(id);
      watches.set(id, watch);
    }
    keepLooking();
    return already;
  };

  // The first of these that holds, or null.
  synthetic.held = (ids) => {
    look();
    for (const id of ids) {
      const held = watches.get(id)?.held;
      if (held) return { id, ...held };
    }
    return null;
  };
}
