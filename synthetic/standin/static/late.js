// Passes on each frame that was received, so much later.

onrtctransform = async ({ transformer: { readable, writable, options } }) => {
  const writer = writable.getWriter();
  const write = (frame) => writer.write(frame).catch(() => {}); // nobody watches any more
  for await (const frame of readable) setTimeout(write, options.late_ms, frame);
};
