// Plays a recording and reads who is in its frames, wherever a usual layout puts them: alone, beside
// each other, or in a grid. Gives [[seconds into it, [data of each mark found]], …].
async ([base64, most_s]) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
  document.body.append(video);
  video.src = URL.createObjectURL(new Blob([bytes], { type: 'video/webm' }));

  const regions = function* (width, height) {
    for (const [columns, rows] of [[1, 1], [2, 1], [1, 2], [2, 2], [3, 1], [3, 2], [3, 3]]) {
      const [cellWidth, cellHeight] = [width / columns, height / rows];
      const scale = Math.min(cellWidth / 16, cellHeight / 9);
      const [w, h] = [16 * scale, 9 * scale];
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const x = column * cellWidth + (cellWidth - w) / 2;
          const y = row * cellHeight + (cellHeight - h) / 2;
          yield { x: Math.round(x), y: Math.round(y), width: Math.round(w), height: Math.round(h) };
        }
      }
    }
  };

  const frames = [];
  const read = async (at) => {
    const frame = new VideoFrame(video);
    const found = new Set();
    try {
      for (const region of regions(video.videoWidth, video.videoHeight)) {
        const data = await __synthetic.readFrame(frame, region);
        if (data >= 0) found.add(data);
      }
    } finally {
      frame.close();
    }
    frames.push([at, [...found]]);
  };

  const reading = [];
  const next = (_, { mediaTime }) => {
    video.requestVideoFrameCallback(next);
    reading.push(read(mediaTime));
  };
  video.requestVideoFrameCallback(next);
  await new Promise((resolve, reject) => {
    video.onended = resolve;
    video.onerror = () => reject(new Error(video.error?.message || 'not a video that can be played'));
    setTimeout(resolve, most_s * 1000);
    video.play().catch(reject);
  });
  await Promise.all(reading);
  return frames;
}
