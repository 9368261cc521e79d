// Makes what people keep to themselves unreadable in every picture and video of a page: fields for
// codes, passwords and addresses, and addresses and codes that stand in its text. It paints over;
// layout, values, events and the document's content stay as they are.
(synthetic, config) => {
  const fields = [
    '[type="password"]', '[type="email"]', '[maxlength="1"]', '[value*="@"]',
    ...['one-time-code', 'current-password', 'new-password', 'email', 'username']
      .map((kind) => `[autocomplete~="${kind}" i]`),
    ...['name', 'id', 'placeholder', 'aria-label', 'data-testid']
      .flatMap((name) => ['code', 'otp', 'token', 'passw', 'secret', 'e-mail', 'email']
        .map((word) => `[${name}*="${word}" i]`)),
    ...['name', 'id'].map((name) => `[${name}="pin" i]`),
  ].join();
  const MASKED = 'synthetic-masked';
  // In a layer, so that no rule of the page's outweighs it.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@layer {
    :is(input, textarea):is(${fields}):not([type="submit"], [type="button"], [type="reset"]) {
      -webkit-text-security: disc !important;
    }
    ::highlight(${MASKED}) {
      color: transparent !important;
      -webkit-text-fill-color: transparent !important;
      -webkit-text-stroke-color: transparent !important;
      text-shadow: none !important;
      background-color: black !important;
    }
  }`);
  const adopt = (root) => {
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  };
  adopt(document);
  // A page may put its own sheets in place of ours, and has shadow roots of its own: a field is
  // covered at the latest when something is entered, before that is painted.
  for (const type of ['focusin', 'beforeinput', 'input', 'change']) {
    addEventListener(type, (event) => {
      for (const target of event.composedPath()) {
        if (target instanceof ShadowRoot || target === document) adopt(target);
      }
    }, { capture: true, passive: true });
  }

  const ADDRESS = /[^\s@<>()[\]"',;:]{1,64}@[^\s@<>()[\]"',;:]{1,253}/g;
  const CODE = /(?<![\w.,/-])\d{6,8}(?![\w,:/-]|\.\d)/g;
  const MOST = 1_000_000; // characters looked at
  const told = new Set();

  const roots = function* (root = document) {
    yield root;
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) yield* roots(element.shadowRoot);
    }
  };

  const textsIn = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const nodes = [];
    for (let length = 0; length < MOST && walker.nextNode(); length += walker.currentNode.length) {
      if (walker.currentNode.length) nodes.push(walker.currentNode);
    }
    return nodes;
  };

  // Ranges of what `patterns` match in texts that follow each other, `gap` between them.
  const rangesIn = (nodes, gap, patterns) => {
    const starts = [];
    let all = '';
    for (const node of nodes) {
      starts.push(all.length);
      all += node.data + gap;
    }
    const nodeAt = (position) => {
      let [low, high] = [0, starts.length - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle] <= position) low = middle; else high = middle - 1;
      }
      return low;
    };
    return patterns.flatMap((pattern) => [...all.matchAll(pattern)].map((match) => {
      const [first, last] = [nodeAt(match.index), nodeAt(match.index + match[0].length - 1)];
      return new StaticRange({
        startContainer: nodes[first],
        startOffset: match.index - starts[first],
        endContainer: nodes[last],
        endOffset: match.index + match[0].length - starts[last],
      });
    }));
  };

  const escapedForPattern = (text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

  // While a video is taken, what changes is covered before it is painted.
  let due = false;
  const observer = !config.filmed ? null : new MutationObserver(() => {
    if (!due) requestAnimationFrame(() => { due = false; synthetic.mask(); });
    due = true;
  });
  const watch = (root) => observer?.observe(root, { subtree: true, childList: true, characterData: true });

  // Covers what is there now, and `texts` too, from now on; they must be known to the page.
  synthetic.mask = (texts = []) => {
    for (const text of texts) if (text.length >= 4) told.add(text);
    const known = [...told].map((text) => new RegExp(escapedForPattern(text), 'gi'));
    const ranges = [];
    for (const root of roots()) {
      adopt(root);
      watch(root);
      const nodes = textsIn(root);
      ranges.push(...rangesIn(nodes, '\n', [ADDRESS, CODE]));
      // Frameworks may split a text among nodes.
      ranges.push(...rangesIn(nodes, '', known));
    }
    CSS.highlights.set(MASKED, new Highlight(...ranges));
    return true;
  };

  watch(document);
}
