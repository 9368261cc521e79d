// What is seen: tiles and the participant list.

import { effects } from "./effects.js";

const tiles = document.getElementById("tiles");
const list = document.getElementById("participants");
const shown = new Map();

export const labelOf = (person) => (person.you ? `${person.name} (you)` : person.name);
const screenLabelOf = (person) => `${person.name}'s screen${person.you ? " (you)" : ""}`;

function makeTile(person, kind) {
  const label = kind === "screen" ? screenLabelOf(person) : labelOf(person);
  const tile = document.createElement("section");
  tile.className = `tile ${kind}`;
  tile.setAttribute("role", "group");
  tile.setAttribute("aria-label", label);
  const video = document.createElement("video");
  Object.assign(video, { autoplay: true, playsInline: true, muted: Boolean(person.you) });
  const caption = document.createElement("p");
  caption.className = "caption";
  caption.textContent = label;
  const initial = document.createElement("span");
  initial.className = "initial";
  initial.setAttribute("aria-hidden", "true");
  initial.textContent = person.name.slice(0, 1).toUpperCase();
  tile.append(initial, video, caption);
  const wrong = effects[`show_${kind}`];
  if (!person.you && wrong) tile.classList.add(wrong);
  return tile;
}

// Show `stream` (or the person alone, when it is null) in that person's tile of that kind.
export function showTile(person, kind, stream) {
  const key = `${person.id} ${kind}`;
  if (!shown.has(key)) {
    const tile = makeTile(person, kind);
    shown.set(key, tile);
    if (kind === "screen") tiles.prepend(tile);
    else tiles.append(tile);
    count();
  }
  const video = shown.get(key).querySelector("video");
  if (video.srcObject !== stream) {
    video.srcObject = stream;
    if (stream) play(video);
  }
}

export const tileOf = (id, kind) => shown.get(`${id} ${kind}`);

export function hideTile(person, kind) {
  const key = `${person.id} ${kind}`;
  const tile = shown.get(key);
  if (!tile) return;
  tile.querySelector("video").srcObject = null;
  tile.remove();
  shown.delete(key);
  count();
}

export function listPeople(people) {
  const entries = people.map((person) => {
    const entry = document.createElement("li");
    entry.textContent = labelOf(person);
    entry.dataset.microphone = person.microphone ? "on" : "off";
    entry.dataset.camera = person.camera ? "on" : "off";
    return entry;
  });
  list.replaceChildren(...entries);
  for (const person of people) {
    shown.get(`${person.id} camera`)?.classList.toggle("dark", !person.camera);
  }
}

function count() {
  tiles.dataset.cameras = tiles.querySelectorAll(".camera").length;
  tiles.dataset.screens = tiles.querySelectorAll(".screen").length;
}

// A browser may refuse to play sound before the first gesture on the page.
function play(video) {
  video.play().catch(() => {
    addEventListener("pointerdown", () => video.play().catch(() => {}), { once: true });
    addEventListener("keydown", () => video.play().catch(() => {}), { once: true });
  });
}
