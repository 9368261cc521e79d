// The chat of one session.

import { get, onSubmit, post } from "./api.js";
import { effects } from "./effects.js";

const log = document.getElementById("chat");
const seen = new Set();

// Live lines stand in the order in which they came; what was missed goes to its own `place`.
export function showMessage(message, place = () => null) {
  if (seen.has(message.id)) return;
  seen.add(message.id);
  const entry = document.createElement("article");
  const author = document.createElement("strong");
  author.textContent = message.author;
  const time = document.createElement("time");
  time.dateTime = message.sent_at;
  time.textContent = new Date(message.sent_at).toLocaleTimeString([], { timeStyle: "short" });
  const text = document.createElement("p");
  text[effects.chat === "unescaped" ? "innerHTML" : "textContent"] = message.text;
  entry.dataset.id = message.id;
  entry.append(author, " ", time, text);
  log.insertBefore(entry, place(message));
  log.scrollTop = log.scrollHeight;
}

export async function showHistory(session) {
  const { messages } = await get(`/api/messages/list?session_id=${encodeURIComponent(session)}`);
  const later = ({ id }) => [...log.children].find(({ dataset }) => Number(dataset.id) > id) ?? null;
  messages.forEach((message) => showMessage(message, later));
}

export function startChat(session) {
  const form = document.getElementById("say");
  onSubmit(form, async ({ message }) => {
    const sent = await post("/api/messages/send", { session_id: session, text: message });
    showMessage(sent.message);
    form.reset();
  });
}
