// One side of a call that sends noise, so that there is more to send than a slow line takes.
const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
const paper = canvas.getContext('2d');
const noise = paper.createImageData(320, 180);
setInterval(() => {
  crypto.getRandomValues(noise.data.subarray(0, 60000));
  for (let at = 3; at < noise.data.length; at += 4) noise.data[at] = 255;
  paper.putImageData(noise, 0, 0);
}, 33);
const stream = canvas.captureStream(30);
const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true });
document.body.append(video);
const frames = [], states = [], candidates = [];
const next = () => { frames.push(Date.now()); video.requestVideoFrameCallback(next); };
video.requestVideoFrameCallback(next);
let pc;
const open = (Connection = RTCPeerConnection) => {
  pc = new Connection();
  for (const track of stream.getTracks()) pc.addTrack(track, stream);
  pc.ontrack = ({ streams: [theirs] }) => { video.srcObject = theirs; };
  pc.onicecandidate = ({ candidate }) => candidate && candidates.push(candidate.toJSON());
  pc.oniceconnectionstatechange = () => states.push([Date.now(), pc.iceConnectionState]);
};
const gathered = () => new Promise((resolve) => {
  const look = () => pc.iceGatheringState === 'complete' && resolve();
  pc.addEventListener('icegatheringstatechange', look);
  look();
});
const described = async () => {
  await pc.setLocalDescription();
  await gathered();
  const { type, sdp } = pc.localDescription;
  return { type, sdp };
};
const bare = ({ type, sdp }) => ({ type, sdp: sdp.replace(/^a=candidate.*\r\n/gm, '') });
const trickle = ([description, theirs]) => {
  const all = [pc.setRemoteDescription(bare(description))];
  for (const candidate of [...theirs, null]) all.push(pc.addIceCandidate(candidate));
  return Promise.all(all).then(() => null);
};
const pairs = async () => {
  const stats = await pc.getStats();
  return [...stats.values()]
    .filter(({ type, nominated }) => type === 'candidate-pair' && nominated)
    .filter(({ state }) => state === 'succeeded')
    .map(({ remoteCandidateId }) => stats.get(remoteCandidateId))
    .map(({ address, port }) => [address, port]);
};
const chosenPairs = async () => {
  for (;;) {
    const chosen = await pairs();
    if (chosen.length) return chosen;
    await new Promise(requestAnimationFrame);
  }
};
const inbound = async () => {
  const stats = [...(await pc.getStats()).values()];
  return stats.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
};
