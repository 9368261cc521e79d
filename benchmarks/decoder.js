// Encodes marked pictures, decodes them again, and has the page script read every one of them. The
// true mark travels beside a frame, by its timestamp.
async ({ codec, width, height, bitrate, scenes, cards, cellsPerHeight, topCells }) => {
  const AT_ONCE = 12;
  const FRAME_US = 1e6 / 30;
  const [columns, rows] = [10, 7];
  const load = async (source) => {
    const image = await createImageBitmap(await (await fetch(source)).blob());
    return createImageBitmap(image, { resizeWidth: width, resizeHeight: height, resizeQuality: 'medium' });
  };
  const pictures = await Promise.all(scenes.map(load));
  const pen = new OffscreenCanvas(width, height).getContext('2d', { alpha: false, willReadFrequently: true });
  const card = new OffscreenCanvas(columns, rows).getContext('2d', { willReadFrequently: true });
  const cell = height / cellsPerHeight;
  const draw = (cells, picture) => {
    const { data } = new ImageData(columns, rows);
    [...cells].forEach((white, index) => data.set([255 * white, 255 * white, 255 * white, 255], 4 * index));
    card.putImageData(new ImageData(data, columns, rows), 0, 0);
    pen.imageSmoothingEnabled = true;
    pen.drawImage(picture, 0, 0);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(card.canvas, width / 2 - (columns / 2) * cell, topCells * cell, columns * cell, rows * cell);
  };

  const tally = { read: 0, unreadable: 0, misread: 0, bytes: 0 };
  const reading = new Set();
  let trouble = null;
  const fail = (error) => (trouble ??= error);
  const judge = async (frame) => {
    const [truth] = cards[Math.round(frame.timestamp / FRAME_US)];
    const data = await __synthetic.readFrame(frame);
    frame.close();
    tally[data === truth ? 'read' : data === -1 ? 'unreadable' : 'misread']++;
  };
  const decoder = new VideoDecoder({
    output: (frame) => {
      const one = judge(frame).catch(fail).finally(() => reading.delete(one));
      reading.add(one);
    },
    error: fail,
  });
  const encoder = new VideoEncoder({
    output: (chunk, { decoderConfig } = {}) => {
      if (decoderConfig) decoder.configure({ ...decoderConfig, optimizeForLatency: true });
      tally.bytes += chunk.byteLength;
      decoder.decode(chunk);
    },
    error: fail,
  });
  encoder.configure({
    codec, width, height, bitrate, framerate: 30, latencyMode: 'realtime', bitrateMode: 'constant',
  });
  const busy = () => encoder.encodeQueueSize + decoder.decodeQueueSize + reading.size >= AT_ONCE;
  for (const [number, [, cells]] of cards.entries()) {
    draw(cells, pictures[number % pictures.length]);
    const frame = new VideoFrame(pen.canvas, { timestamp: Math.round(number * FRAME_US) });
    encoder.encode(frame, { keyFrame: number === 0 });
    frame.close();
    while (busy() && !trouble) await scheduler.postTask(() => {});
    if (trouble) throw trouble;
  }
  await encoder.flush();
  await decoder.flush();
  while (reading.size) await Promise.all(reading);
  encoder.close();
  decoder.close();
  if (trouble) throw trouble;
  return tally;
}
