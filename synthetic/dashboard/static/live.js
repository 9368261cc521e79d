"use strict";
// Keeps a page alive: when the server says that something changed, the same address is fetched
// again, and what differs takes the place of what was there. What somebody opened, typed or holds
// the focus on stays.
(() => {
  const PATIENCE_MS = 45_000; // the server says something every 20 seconds
  const SPREAD_MS = 400; // so that many viewers do not ask at once
  const said = document.getElementById("live");
  let version = document.body.dataset.version;
  let heard = Date.now();
  let source = null;
  const skew = () => Date.parse(said.querySelector("time").dateTime) - Date.now();
  let ahead = skew(); // the server's clock by ours

  const tell = (on, word) => {
    const place = said?.querySelector(".live-word");
    if (!place || (said.classList.contains(on ? "on" : "off") && place.textContent === word)) return;
    said.className = `live ${on ? "on" : "off"}`;
    place.textContent = word;
  };

  const keyOf = (node) => (node.nodeType === 1 ? node.dataset.key || node.id : "") || "";
  const alike = (a, b) =>
    a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
  const KEPT = new Set(["open", "value", "checked"]);
  const isKept = (node, name) => KEPT.has(name) && node.type !== "hidden"; // nobody typed that

  const copyAttributes = (from, to) => {
    for (const { name } of [...to.attributes])
      if (!from.hasAttribute(name) && !isKept(to, name)) to.removeAttribute(name);
    for (const { name, value } of from.attributes)
      if (to.getAttribute(name) !== value && !isKept(to, name)) to.setAttribute(name, value);
  };

  const markFresh = (node) => {
    const place = (node.nodeType === 1 ? node : node.parentElement)?.closest(".value, .badge, li, tr");
    if (!place || place.classList.contains("fresh")) return;
    place.classList.add("fresh");
    place.addEventListener("animationend", () => place.classList.remove("fresh"), { once: true });
  };

  const morph = (to, from) => {
    if (to.nodeType !== 1) {
      if (to.nodeValue !== from.nodeValue) {
        to.nodeValue = from.nodeValue;
        if (!to.parentElement.closest("time, .plot")) markFresh(to);
      }
      return;
    }
    if (to.isEqualNode(from) || to === document.activeElement?.closest("input, select, textarea")) return;
    if (to.classList.contains("fresh")) from.classList.add("fresh");
    if (to.classList.contains("plot") && to.isConnected && window.syntheticCharts) {
      window.syntheticCharts.replace(to, from);
      return;
    }
    copyAttributes(from, to);
    let place = to.firstChild;
    for (const wanted of [...from.childNodes]) {
      const found = counterpart(to, place, wanted);
      if (found) {
        place = bring(to, found, place);
        morph(found, wanted);
      } else {
        const added = to.insertBefore(document.importNode(wanted, true), place);
        if (to.closest("ul, ol, tbody")) markFresh(added);
      }
    }
    while (place) {
      const next = place.nextSibling;
      place.remove();
      place = next;
    }
  };

  // What stands for the same: of what has a key wherever it is now, of anything else only here.
  const counterpart = (to, place, wanted) => {
    if (!keyOf(wanted)) return place && alike(place, wanted) ? place : null;
    for (let one = place; one; one = one.nextSibling) if (alike(one, wanted)) return one;
    return null;
  };

  // Moves a node to its place and returns what comes after it. A node that is moved keeps what was
  // typed in it, but not the focus: the others make way for the one that has it.
  const bring = (to, node, place) => {
    if (node.contains(document.activeElement))
      while (place !== node) {
        const next = place.nextSibling;
        to.append(place);
        place = next;
      }
    else if (place !== node) {
      to.insertBefore(node, place);
      return place;
    }
    return node.nextSibling;
  };

  // One fetch at a time; what changes meanwhile is fetched once more after it.
  let busy = false, again = false;
  const refresh = async () => {
    again = busy;
    if (busy) return;
    busy = true;
    try {
      await fetchAnew();
    } finally {
      busy = false;
      if (again) refresh();
    }
  };

  const fetchAnew = async () => {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-cache" });
      if (answer.redirected) return location.reload(); // the session is over
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.getElementById("main");
      if (!answer.ok || !page.body.dataset.version) return tell(false, `${page.querySelector("h1")?.textContent ?? "No answer"}, last seen`);
      morph(document.getElementById("main"), main);
      morph(said.querySelector("time"), page.querySelector("#live time"));
      version = document.body.dataset.version = page.body.dataset.version;
      ahead = skew();
      tell(true, "Live, as of");
      window.syntheticCharts?.draw();
      document.dispatchEvent(new Event("renewed"));
      age();
    } catch {
      tell(false, "No connection, last seen");
    }
  };

  const connect = () => {
    source?.close();
    source = new EventSource("/events");
    heard = Date.now();
    source.addEventListener("version", (event) => {
      heard = Date.now();
      if (event.data === version) tell(true, "Live, as of");
      else setTimeout(refresh, Math.random() * SPREAD_MS);
    });
    source.addEventListener("error", () => tell(false, "No connection, last seen"));
  };

  // As rendering.py's `ago` says it.
  const span = (seconds) => {
    const s = Math.round(seconds);
    for (const [size, unit, smaller, under] of [[86400, "d", 3600, "h"], [3600, "h", 60, "min"]])
      if (s >= size) {
        const rest = Math.floor((s % size) / smaller);
        return `${Math.floor(s / size)} ${unit}${rest ? ` ${rest} ${under}` : ""}`;
      }
    return `${Math.floor(s / 60)} min`;
  };
  const age = () => {
    const now = (Date.now() + ahead) / 1000;
    for (const one of document.querySelectorAll("[data-ago]")) {
      const length = now - Date.parse(one.parentElement.dateTime) / 1000;
      const text = Math.abs(length) < 60 ? "just now" : length > 0 ? `${span(length)} ago` : `in ${span(-length)}`;
      if (one.textContent !== text) one.textContent = text;
    }
  };

  connect();
  setInterval(age, 20_000);
  setInterval(() => Date.now() - heard > PATIENCE_MS && source.readyState !== EventSource.CONNECTING && connect(), 5_000);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
})();
