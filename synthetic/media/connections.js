// Collects the statistics of every peer connection of the page, and how each came about. Times are
// milliseconds since the epoch.
(synthetic, config) => {
  const REPORTED = new Set([
    'inbound-rtp', 'outbound-rtp', 'remote-inbound-rtp', 'media-source', 'candidate-pair',
    'local-candidate', 'remote-candidate', 'codec', 'transport',
  ]);
  const epoch = (relative) => performance.timeOrigin + relative;
  const connections = new Map();

  const forgetClosed = () => {
    for (const [one] of connections) if (one.connectionState === 'closed') connections.delete(one);
  };

  const note = (connection) => {
    const states = [];
    forgetClosed();
    connections.set(connection, states);
    connection.addEventListener('iceconnectionstatechange', () => {
      states.push([epoch(performance.now()), connection.iceConnectionState]);
    });
  };

  // The page may put others in the place of these, which is its own affair.
  const Native = globalThis.RTCPeerConnection;
  const getStats = Native?.prototype.getStats;
  if (Native) {
    const noted = new Proxy(Native, {
      construct(target, args, derived) {
        const connection = Reflect.construct(target, args, derived);
        note(connection);
        return connection;
      },
    });
    globalThis.RTCPeerConnection = noted;
    if (globalThis.webkitRTCPeerConnection) globalThis.webkitRTCPeerConnection = noted;
    Native.prototype.constructor = noted;
  }

  const report = async ([connection, states]) => ({
    state: connection.connectionState,
    states,
    stats: [...(await getStats.call(connection)).values()].filter(({ type }) => REPORTED.has(type)),
  });

  // `states` are [at, ICE state], of the connections of this document that are not closed.
  synthetic.ownConnections = () => {
    forgetClosed();
    return Promise.all([...connections].map(report));
  };

  // Snapshots of the statistics, once a second of the last five minutes, where evidence is wanted.
  const KEPT = 300;
  const FIGURES = new Set([
    'type', 'kind', 'timestamp', 'trackIdentifier', 'framesDecoded', 'framesEncoded', 'frameHeight',
    'framesDropped', 'bytesReceived', 'bytesSent', 'packetsLost', 'packetsReceived', 'jitter',
    'qualityLimitationReason', 'currentRoundTripTime',
  ]);
  const OVER_TIME = new Set(['inbound-rtp', 'outbound-rtp', 'candidate-pair']);
  const brief = (stats) => stats.filter(({ type }) => OVER_TIME.has(type))
    .map((one) => Object.fromEntries(Object.entries(one).filter(([name]) => FIGURES.has(name))));
  const history = [];
  const keep = async () => {
    const connections = await synthetic.ownConnections();
    if (!connections.length) return;
    const kept = connections.map((one) => ({ ...one, stats: brief(one.stats) }));
    history.push({ at: epoch(performance.now()), pictures: [], voices: [], connections: kept });
    history.splice(0, history.length - KEPT);
  };
  if (config.filmed) setInterval(keep, 1000);
  synthetic.ownHistory = () => history;

  // What plays in a frame may have come through a connection of another of the same site.
  const reachable = (frame) => {
    try {
      return frame.__synthetic;
    } catch {
      return undefined; // of another site
    }
  };
  const documents = function* (frame) {
    const theirs = reachable(frame);
    if (theirs) yield theirs;
    for (let index = 0; index < frame.length; index++) yield* documents(frame[index]);
  };
  const allConnections = async () =>
    (await Promise.all([...documents(globalThis.top)].map((one) => one.ownConnections()))).flat();

  // Everything since a moment, for media/proof.py; `tiles` as in pictures.js.
  const EARLIER_MS = 1500;
  synthetic.snapshot = async (since, tiles = []) => ({
    at: epoch(performance.now()),
    pictures: synthetic.pictures(since, tiles),
    voices: synthetic.voices(since, EARLIER_MS),
    connections: await allConnections(),
  });
  synthetic.history = () => [...documents(globalThis.top)].flatMap((one) => one.ownHistory());
}
