// Leads the page's peer connections to ports of ours, so that a test can break the network under a
// call. Where nobody answers to `__syntheticRelay`, it does nothing.
(synthetic) => {
  const Native = globalThis.RTCPeerConnection; // the page may put another in its place
  if (!Native) return;
  const { prototype } = Native;
  const RELAY = '127.0.0.1';
  const ports = new Map(); // "address port" → promise of the port that leads there
  const turns = new WeakMap(); // connection → promise of its last call's arguments
  const watched = new WeakSet();
  const leftOut = []; // { candidate, reason }

  // Where a candidate is, or the reason why it cannot be led through the relay.
  const place = (candidate) => {
    const [, , transport, , address, port] = candidate.split(' ');
    if (transport?.toLowerCase() !== 'udp') return { reason: 'not UDP: it would go round the relay' };
    if (!/^[\d.]+$|:/.test(address)) return { reason: 'a name, not an address' };
    return { address, port: Number(port) };
  };

  const portFor = (address, port) => {
    const key = `${address} ${port}`;
    if (!ports.has(key)) ports.set(key, globalThis.__syntheticRelay(address, port));
    return ports.get(key);
  };

  // The candidate, led through the relay; null when it is left out.
  const redirected = async (candidate) => {
    const { address, port, reason } = place(candidate);
    try {
      if (reason) throw new Error(reason);
      const parts = candidate.split(' ');
      parts.splice(4, 2, RELAY, await portFor(address, port));
      return parts.join(' ');
    } catch (error) {
      leftOut.push({ candidate, reason: error.message });
      return null;
    }
  };

  const redirectedSdp = async (sdp) => {
    const lines = await Promise.all(
      sdp.split('\r\n').map(async (line) => {
        if (!line.startsWith('a=candidate:')) return line;
        const candidate = await redirected(line.slice(2));
        return candidate && `a=${candidate}`;
      }),
    );
    return lines.filter((line) => line !== null).join('\r\n');
  };

  // Each returns the arguments for the browser's own method; null when there is nothing left to do.
  const rewrites = {
    async setRemoteDescription([description, ...rest]) {
      if (!description?.sdp) return [description, ...rest];
      return [{ type: description.type, sdp: await redirectedSdp(String(description.sdp)) }, ...rest];
    },
    async addIceCandidate([given, ...rest]) {
      if (!given?.candidate) return [given, ...rest];
      const candidate = await redirected(String(given.candidate));
      const { sdpMid, sdpMLineIndex, usernameFragment } = given;
      return candidate && [{ candidate, sdpMid, sdpMLineIndex, usernameFragment }, ...rest];
    },
    setLocalDescription: null,
    createOffer: null,
    createAnswer: null,
  };

  // Others may be told an address of ours that no packet has come from yet.
  const watch = (connection) => {
    if (watched.has(connection)) return;
    watched.add(connection);
    connection.addEventListener('icecandidate', ({ candidate }) => {
      const { address, port } = place(candidate?.candidate ?? '');
      if (!address) return;
      globalThis.__syntheticRelay(address, port, true).catch(({ message }) => {
        leftOut.push({ candidate: candidate.candidate, reason: message });
      });
    });
  };

  // Rewriting takes time; what the page asked for first still happens first.
  for (const [name, rewrite] of Object.entries(rewrites)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    const original = descriptor.value;
    const hooked = {
      [name](...args) {
        if (!globalThis.__syntheticRelay || !(this instanceof Native)) return original.apply(this, args);
        watch(this);
        const before = turns.get(this);
        if (!rewrite && !before) return original.apply(this, args);
        const turn = Promise.resolve(before).then(() => (rewrite ? rewrite(args) : args));
        turns.set(this, turn);
        return turn.then((rewritten) => {
          if (turns.get(this) === turn) turns.delete(this);
          if (rewritten) return original.apply(this, rewritten);
          if (typeof args[1] === 'function') args[1]();
        });
      },
    };
    Object.defineProperty(prototype, name, { ...descriptor, value: hooked[name] });
  }

  synthetic.relay = { place, redirected, leftOut };
}
