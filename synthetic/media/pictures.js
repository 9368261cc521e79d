// Logs who is in each picture of the page, frame by frame: videos wherever they are, closed shadow
// roots included, and canvases that videos are drawn on. Times are milliseconds since the epoch.
(synthetic, { longestWayMs }) => {
  const KEPT = 4000;
  const SEEN_EVERY_MS = 250;
  const YOUNG_MS = 3000;
  const ASKED_MS = 1000;
  const SPARSE_MS = 190;
  const epoch = (relative) => performance.timeOrigin + relative;
  const pictures = [];
  const videos = new WeakMap(); // video → its picture

  // --- can a person see it? ---

  const above = (element) =>
    element.parentElement ?? element.getRootNode().host ?? element.ownerDocument.defaultView?.frameElement ?? null;
  const clear = (colour) => {
    const alpha = /rgba\(.*,\s*([\d.]+)\)/.exec(colour);
    return colour === 'transparent' || (alpha !== null && Number(alpha[1]) < 0.6);
  };
  const opacity = (element) => {
    let share = 1;
    for (let at = element; at; at = above(at)) share *= Number(getComputedStyle(at).opacity);
    return share;
  };
  // A gradient that lets the picture through anywhere is no cover.
  const opaque = ({ backgroundColor, backgroundImage: image }) =>
    !clear(backgroundColor) || /url\(/.test(image) || (image !== 'none' && !(image.match(/rgba?\([^)]*\)/g) ?? []).some(clear));
  const large = ({ width, height }, { clientWidth, clientHeight }) =>
    parseFloat(width) > 0.6 * clientWidth && parseFloat(height) > 0.6 * clientHeight;
  const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const blank = (canvas, x, y) => {
    const box = canvas.getBoundingClientRect();
    const at = [((x - box.left) / box.width) * canvas.width, ((y - box.top) / box.height) * canvas.height];
    pixel.clearRect(0, 0, 1, 1);
    try {
      pixel.drawImage(canvas, ...at, 1, 1, 0, 0, 1, 1);
      return pixel.getImageData(0, 0, 1, 1).data[3] < 150;
    } catch {
      return false; // what may not be read may hide anything
    }
  };
  // Whether what is hit of `other`, which lies over `element`, hides it there.
  const covers = (other, element, x, y) => {
    if (opacity(other) < 0.6) return false;
    if (other instanceof HTMLCanvasElement) return !blank(other, x, y);
    if (other.matches('img,video,iframe,object')) return true;
    const parts = ['::before', '::after'].map((part) => getComputedStyle(other, part));
    const added = parts.filter(({ content }) => content !== 'none');
    if (added.some((style) => opaque(style) && Number(style.opacity) >= 0.6 && large(style, other))) return true;
    // Of an element around the picture it is what it draws before or after its content.
    return !(added.length && other.contains(element)) && opaque(getComputedStyle(other));
  };
  // In each tree from the element's own outward, nothing opaque may lie over it there.
  const open = (element, x, y) => {
    for (let at = element; at; at = at.getRootNode().host) {
      const stack = at.getRootNode().elementsFromPoint(x, y);
      const depth = stack.indexOf(at);
      if (depth < 0) return false;
      const over = stack.slice(0, depth).filter((other) => other.getRootNode() === at.getRootNode());
      if (over.some((other) => covers(other, at, x, y))) return false;
    }
    return true;
  };

  // A cover through which one can click hides no less, so everything can be hit while we look. A
  // sheet of this kind needs no permission of the page's policy and tells none of its observers.
  const hittable = new CSSStyleSheet();
  hittable.replaceSync('*, *::before, *::after { pointer-events: auto !important }');
  const whileHittable = (element, look) => {
    const trees = [];
    for (let at = element; at; at = at.getRootNode().host) trees.push(at.getRootNode());
    const ours = element.ownerDocument === document ? trees : [];
    for (const tree of ours) tree.adoptedStyleSheets = [...tree.adoptedStyleSheets, hittable];
    try {
      return look();
    } finally {
      for (const tree of ours) tree.adoptedStyleSheets = tree.adoptedStyleSheets.filter((sheet) => sheet !== hittable);
    }
  };

  // The points, in the element's own viewport, at which a person sees it.
  synthetic.openPoints = (element, points) => {
    const found = whileHittable(element, () => points.filter(([x, y]) => open(element, x, y)));
    const frame = element.ownerDocument.defaultView?.frameElement;
    const beyond = frame?.ownerDocument.defaultView?.__synthetic;
    if (!beyond) return found;
    const { left, top } = frame.getBoundingClientRect();
    return beyond.openPoints(frame, found.map(([x, y]) => [x + left + frame.clientLeft, y + top + frame.clientTop]));
  };

  const POINTS = [[0.5, 0.5], [0.3, 0.3], [0.7, 0.3], [0.3, 0.7], [0.7, 0.7]];
  const seenByPerson = (element) => {
    const box = element.getBoundingClientRect();
    if (!element.isConnected || !element.checkVisibility({ visibilityProperty: true })) return false;
    if (box.width < 40 || box.height < 24 || opacity(element) < 0.4) return false;
    const points = POINTS.map(([x, y]) => [box.left + x * box.width, box.top + y * box.height]);
    return synthetic.openPoints(element, points).length >= 3;
  };

  // --- each entry is [at, data, width, height, seen by a person] ---

  // Once a picture is known, reading every frame would tell nothing more, unless somebody asks.
  let closelyUntil = 0;
  synthetic.closely = (until) => (closelyUntil = Math.max(closelyUntil, until));
  const passesOver = (picture, now) => {
    if (!picture.known || epoch(now) < closelyUntil || now - picture.born < YOUNG_MS) return false;
    if (now - picture.readAt < SPARSE_MS) return true;
    picture.readAt = now;
    return false;
  };

  const log = (picture, now, at, width, height, part) => {
    if (passesOver(picture, now)) return;
    // The moment from which a new picture can be seen is somebody's wait.
    const atOnce = !picture.seen && now - picture.born < YOUNG_MS;
    if (atOnce || now - picture.lookedAt > SEEN_EVERY_MS) {
      picture.seen = seenByPerson(picture.element);
      picture.lookedAt = now;
    }
    const entry = [epoch(at), -1, width, height, picture.seen];
    const store = (data) => {
      entry[1] = data;
      picture.known ||= data >= 0;
      picture.entries.push(entry);
      if (picture.entries.length > KEPT) picture.entries.splice(0, KEPT / 2);
    };
    // A picture that may not be read, such as a tainted canvas, names nobody.
    synthetic.readMark(picture.element, part).then(store, () => store(-1));
  };

  // Pages throw elements away without a word: what stands nowhere and plays nothing is forgotten.
  const gone = ({ element, source }) => !element.isConnected && (element !== source || source.paused || !source.srcObject);
  const watch = (picture) => {
    if (pictures.includes(picture)) return;
    pictures.splice(0, pictures.length, ...pictures.filter((one) => !gone(one)), picture);
  };
  const pictureOf = (element, source) =>
    ({ element, source, entries: [], lookedAt: -Infinity, seen: false, known: false, readAt: -Infinity, born: performance.now() });

  const watchVideo = (video) => {
    const known = videos.get(video);
    if (known) {
      Object.assign(known, { known: false, born: performance.now() });
      return;
    }
    const picture = pictureOf(video, video);
    videos.set(video, picture);
    const next = (now, { presentationTime, width, height }) => {
      video.requestVideoFrameCallback(next);
      watch(picture);
      log(picture, now, presentationTime, width, height);
    };
    video.requestVideoFrameCallback(next);
    watch(picture);
  };

  // Where a call of drawImage puts the picture: { x, y, width, height } in canvas pixels, or null.
  const place = (pen, video, at) => {
    const [x, y, width, height] = at.length > 4 ? at.slice(4) : [at[0], at[1], at[2] ?? video.videoWidth, at[3] ?? video.videoHeight];
    const { a, b, c, d, e, f } = pen.getTransform();
    if (b || c || d <= 0) return null;
    const left = a < 0 ? x + width : x;
    const part = { x: a * left + e, y: d * y + f, width: Math.abs(a) * width, height: d * height };
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, Math.round(value)]));
  };

  const drawn = (pen, video, at) => {
    const { canvas } = pen;
    if (!canvas.isConnected) return;
    const part = place(pen, video, at);
    if (!part || part.width < 40 || part.height < 24) return;
    const picture = pictures.find((one) => one.element === canvas && one.source === video) ?? pictureOf(canvas, video);
    watch(picture);
    Object.assign(picture, { part, drawnAt: performance.now() });
    if (picture.due) return;
    // What the page draws over it before the screen is painted, nobody sees.
    picture.due = true;
    requestAnimationFrame((now) => {
      picture.due = false;
      log(picture, now, picture.drawnAt, picture.part.width, picture.part.height, picture.part);
    });
  };

  const drawImage = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = new Proxy(drawImage, {
    apply(draw, pen, [source, ...at]) {
      const result = Reflect.apply(draw, pen, [source, ...at]);
      if (source instanceof HTMLVideoElement) drawn(pen, source, at);
      return result;
    },
  });

  const names = (data, { role, screen, nonce }) =>
    data >= 0 && data >> 21 === role && ((data >> 20) & 1) === Number(screen) && ((data >> 8) & 0xfff) === nonce;

  // Since when a person could see who is `wanted`: { at, text }, or null.
  synthetic.firstPicture = (wanted) => {
    synthetic.closely(epoch(performance.now()) + ASKED_MS);
    let first = null;
    for (const { entries } of pictures) {
      const entry = entries.find(([at, data, , , seen]) => at >= wanted.since && seen && names(data, wanted));
      if (entry && (!first || entry[0] < first.at)) first = { at: entry[0], text: '' };
    }
    return first;
  };

  synthetic.lastPicture = (wanted) => {
    synthetic.closely(epoch(performance.now()) + ASKED_MS);
    const moments = pictures.flatMap(({ entries }) => entries.filter(([, data, , , seen]) => seen && names(data, wanted)).map(([at]) => at));
    return Math.max(wanted.since, ...moments);
  };

  // In whose tile an element is; `tiles` are [role, locator] pairs.
  const ownerOf = (element, tiles) => {
    const inside = new Set();
    for (let at = element; at; at = above(at)) inside.add(at);
    const tile = tiles.find(([, spec]) => [...synthetic.every(spec)].some((one) => inside.has(one)));
    return tile ? tile[0] : null;
  };

  // What came a while before is told as well, in short: a frame may be long on its way.
  synthetic.pictures = (since, tiles) => pictures.map(({ element, source, entries }) => ({
    track: source.srcObject?.getVideoTracks?.()[0]?.id ?? null,
    owner: ownerOf(element, tiles),
    entries: entries.filter(([at]) => at >= since),
    before: entries.filter(([at]) => at < since && at >= since - longestWayMs).map(([at, data]) => [at, data]),
  }));

  const setter = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
    ...setter,
    set(stream) {
      setter.set.call(this, stream);
      if (this instanceof HTMLVideoElement) watchVideo(this);
      synthetic.listenTo?.(this);
    },
  });
}
