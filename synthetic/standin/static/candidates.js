// Which ways through the network the two ends of a connection tell each other.

const LOOPBACK = /^(localhost|\[::1\]|127(\.\d+){3})$/.test(location.hostname);
const onLoopback = (candidate) => / 127\.0\.0\.1 \d+ typ host/.test(candidate);

export function withoutCandidates(description) {
  const sdp = description.sdp.replace(/^a=(candidate:.*|end-of-candidates)\r\n/gm, "");
  return { type: description.type, sdp };
}

// Passes on what a connection finds, one by one. On this machine alone, candidates at 127.0.0.1 keep
// every packet here. A browser that offers none still gets through: what was held back follows when
// it has finished looking.
export function passOnCandidates(connection, send) {
  let heldBack = [];
  let passedOn = 0;
  connection.onicecandidate = ({ candidate }) => {
    if (!candidate) {
      if (!passedOn) heldBack.forEach(send);
      heldBack = [];
    } else if (candidate.candidate && LOOPBACK && !onLoopback(candidate.candidate)) {
      heldBack.push(candidate);
    } else if (candidate.candidate) {
      passedOn += 1;
      send(candidate);
    }
  };
}
