// What scripts ask of the target carries the trace that a cookie names. Only from a document of the
// target's own origin to that origin, so that no request needs a preflight for it. What the page
// says of a trace itself stays.
(synthetic, { traced }) => {
  const first = new URL(traced.url).origin;
  if (self.origin !== first) return; // a sandboxed frame has the target's address, not its origin
  const header = 'traceparent';
  const named = new RegExp(`(?:^|; )${traced.cookie}=([^;]*)`);
  const carried = () => named.exec(document.cookie)?.[1];
  const isOurs = (url) => URL.canParse(url, document.baseURI) && new URL(url, document.baseURI).origin === first;

  const request = (input, options) => {
    const trace = isOurs(input instanceof Request ? input.url : input) && carried();
    if (!trace) return [input, options];
    const asked = new Request(input, options);
    if (!asked.headers.has(header)) asked.headers.set(header, trace);
    return [asked];
  };
  globalThis.fetch = new Proxy(globalThis.fetch, {
    apply(fetch, self, given) {
      let asked = given;
      try {
        if (given.length) asked = request(...given);
      } catch {
        // What is no request, fetch refuses by itself.
      }
      return Reflect.apply(fetch, self, asked);
    },
  });

  const open = new WeakSet();
  const before = (method, look) => {
    XMLHttpRequest.prototype[method] = new Proxy(XMLHttpRequest.prototype[method], {
      apply(does, self, given) {
        try {
          look(self, given);
        } catch {
          // A trace that cannot be carried must not break what the page asks.
        }
        return Reflect.apply(does, self, given);
      },
    });
  };
  const set = XMLHttpRequest.prototype.setRequestHeader;
  before('open', (self, [, url]) => (isOurs(url) ? open.add(self) : open.delete(self)));
  before('setRequestHeader', (self, [name]) => {
    if (String(name).toLowerCase() === header) open.delete(self);
  });
  before('send', (self) => {
    const trace = open.delete(self) && carried();
    if (trace && self.readyState === XMLHttpRequest.OPENED) set.call(self, header, trace);
  });
}
