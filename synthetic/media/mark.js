// Reads the mark of media/mark.py in a frame: the 24 bits of data, or that it cannot be read.
(synthetic, { layout }) => {
  const WHITENING = BigInt('0x' + layout.whitening);
  const UNREADABLE = -1;
  const CONTRAST = 40;

  const crc16 = (data) => {
    let crc = 0xffff;
    for (let position = 23; position >= 0; position--) {
      const carry = (crc >> 15) ^ ((data >> position) & 1);
      crc = (crc << 1) & 0xffff;
      if (carry) crc ^= 0x1021;
    }
    return crc;
  };

  // luma: { at(x, y) } over the picture; returns the 24 bits of data, or UNREADABLE.
  const readCard = (luma, width, height) => {
    const cell = height / layout.cellsPerHeight;
    const columns = layout.columns + 2;
    const left = width / 2 - (columns / 2) * cell;
    const reach = Math.max(0, Math.floor(cell * 0.22));
    const value = (column, row) => {
      const x = Math.floor(left + (column + 0.5) * cell);
      const y = Math.floor((layout.topCells + row + 0.5) * cell);
      let sum = 0;
      for (let dy = -reach; dy <= reach; dy++) for (let dx = -reach; dx <= reach; dx++) sum += luma(x + dx, y + dy);
      return sum / (2 * reach + 1) ** 2;
    };
    const rows = layout.rows + 2;
    const mean = (column) => {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += value(column, row);
      return sum / rows;
    };
    let white = mean(0);
    let black = mean(columns - 1);
    const mirrored = black > white;
    if (mirrored) [white, black] = [black, white];
    if (white - black < CONTRAST) return UNREADABLE;
    const bit = (column, row) => {
      const share = (value(mirrored ? columns - 1 - column : column, row) - black) / (white - black);
      if (share > 0.36 && share < 0.64) return null;
      return share >= 0.5 ? 1 : 0;
    };
    for (let column = 0; column < layout.columns; column++) {
      if (bit(column + 1, 0) !== column % 2 || bit(column + 1, rows - 1) !== column % 2) return UNREADABLE;
    }
    let word = 0n;
    for (let row = 1; row <= layout.rows; row++) {
      for (let column = 1; column <= layout.columns; column++) {
        const read = bit(column, row);
        if (read === null) return UNREADABLE;
        word = (word << 1n) | BigInt(read);
      }
    }
    word ^= WHITENING;
    const data = Number(word >> 16n);
    return crc16(data) === Number(word & 0xffffn) ? data : UNREADABLE;
  };

  let pen;
  const throughCanvas = (source, region) => {
    pen ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const { x, y, width } = region;
    const height = Math.ceil((region.height / layout.cellsPerHeight) * (layout.rows + 4));
    Object.assign(pen.canvas, { width, height });
    pen.drawImage(source, x, y, width, height, 0, 0, width, height);
    const { data } = pen.getImageData(0, 0, width, height);
    return readCard((x, y) => data[4 * (y * width + x) + 1], width, region.height);
  };

  // What is copied of a frame, on even pixels as chroma asks: the card and a little more.
  const around = ({ x, y, width, height }, bounds) => {
    const cell = height / layout.cellsPerHeight;
    const even = (value) => Math.max(0, Math.floor(value / 2) * 2);
    const left = even(x + width / 2 - ((layout.columns + 2) / 2) * cell);
    const top = even(y);
    return {
      x: left,
      y: top,
      width: Math.min(even((layout.columns + 2.5) * cell + 4), even(bounds.x + bounds.width - left)),
      height: Math.min(even((layout.rows + 2 + layout.topCells) * cell + 4), even(bounds.y + bounds.height - top)),
    };
  };

  // The luma plane of the card alone is copied: no colour conversion, a few kilobytes a frame.
  // `part` is where in the frame the picture is, if not all of it: { x, y, width, height }.
  synthetic.readFrame = async (frame, part) => {
    const bounds = frame.visibleRect;
    const region = part ?? bounds;
    const planar = /^(I4|NV)/.test(frame.format || '');
    if (!planar && !/^(RGB|BGR)/.test(frame.format || '')) return throughCanvas(frame, region);
    const rect = around(region, bounds);
    if (rect.width < layout.columns || rect.height < layout.rows) return UNREADABLE;
    const bytes = new Uint8Array(frame.allocationSize({ rect }));
    const [{ offset, stride }] = await frame.copyTo(bytes, { rect });
    const [step, shift] = planar ? [1, 0] : [4, 1];
    const [dx, dy] = [region.x - rect.x, region.y - rect.y];
    const luma = (x, y) => bytes[offset + Math.floor(y + dy) * stride + Math.floor(x + dx) * step + shift];
    return readCard(luma, region.width, region.height);
  };

  // `source` is a video or a canvas; a frame that cannot be had is unreadable.
  synthetic.readMark = async (source, part) => {
    const frame = new VideoFrame(source, source instanceof HTMLVideoElement ? undefined : { timestamp: 0 });
    try {
      return await synthetic.readFrame(frame, part);
    } finally {
      frame.close();
    }
  };
}
