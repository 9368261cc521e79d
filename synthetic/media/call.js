// One side of a call of our own, on a page that holds nothing else.
async () => {
  const wanted = { video: { width: 640, height: 360 }, audio: true };
  const stream = await navigator.mediaDevices.getUserMedia(wanted);
  const connection = new RTCPeerConnection();
  for (const track of stream.getTracks()) connection.addTrack(track, stream);
  const tile = Object.assign(document.createElement('video'), { autoplay: true, playsInline: true });
  tile.style.cssText = 'width: 100vw; height: 100vh';
  document.body.append(tile);
  connection.ontrack = ({ streams: [theirs] }) => { tile.srcObject = theirs; };
  const gathered = () => new Promise((resolve) => {
    const look = () => connection.iceGatheringState === 'complete' && resolve();
    connection.addEventListener('icegatheringstatechange', look);
    look();
  });
  const described = async () => {
    await connection.setLocalDescription();
    await gathered();
    return connection.localDescription.toJSON();
  };
  globalThis.call = {
    offer: described,
    answer: async (offer) => {
      await connection.setRemoteDescription(offer);
      return described();
    },
    accept: async (answer) => { await connection.setRemoteDescription(answer); },
  };
}
