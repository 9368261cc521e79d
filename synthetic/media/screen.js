// Draws the document that an actor shares: a page of text under the mark, whose number counts on.
// `drawn` logs [frame, milliseconds since the epoch] for the latency of the shared picture.
({ cards, title, topCells, cellsPerHeight, fps }) => {
  document.title = title;
  const canvas = document.querySelector('canvas');
  const pen = canvas.getContext('2d', { alpha: false });
  const cell = canvas.height / cellsPerHeight;
  const columns = cards[0][0].length;
  const left = (canvas.width - columns * cell) / 2;
  pen.fillStyle = '#f7f8fa';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = '#39424f';
  pen.fillRect(0, 0, canvas.width, 8 * cell);
  pen.font = '600 54px system-ui, sans-serif';
  pen.fillStyle = '#fff';
  pen.fillText('A shared document', 64, 250);
  pen.font = '30px system-ui, sans-serif';
  pen.fillStyle = '#2b3138';
  for (let line = 0; line < 9; line++) {
    pen.fillText(`${line + 1}.  Every line of this page is sharp enough to be read on the other side.`, 120, 570 + line * 52);
  }
  globalThis.drawn = [];
  let number = 0;
  const draw = () => {
    const frame = number++ % cards.length;
    cards[frame].forEach((row, y) => [...row].forEach((white, x) => {
      pen.fillStyle = white === '1' ? '#fff' : '#000';
      pen.fillRect(left + x * cell, (topCells + y) * cell, cell, cell);
    }));
    globalThis.drawn.push([frame, performance.timeOrigin + performance.now()]);
    if (globalThis.drawn.length > 2000) globalThis.drawn.splice(0, 1000);
  };
  draw();
  setInterval(draw, 1000 / fps);
}
