// Talks to the API, and shows what went wrong in the page's alert.

import { effects } from "./effects.js";

const API = effects.script === "old" ? "/api/v0/" : "/api/";

export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export async function call(method, path, data) {
  let response;
  try {
    response = await fetch(path.replace("/api/", API), {
      method,
      headers: data === undefined ? {} : { "Content-Type": "application/json" },
      body: data === undefined ? undefined : JSON.stringify(data),
    });
  } catch {
    throw new Refusal(0, "unreachable", "Kulti cannot be reached right now.");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    const { code = "", message = `The server answered ${response.status}.` } = answer.error ?? {};
    throw new Refusal(response.status, code, message);
  }
  return answer;
}

export const get = (path) => call("GET", path);
export const post = (path, data = {}) => call("POST", path, data);

// Forms and controls are disabled in the markup, so that nobody's gesture comes before the script.
export function ready() {
  for (const fieldset of document.querySelectorAll("fieldset")) fieldset.disabled = false;
}

export function alertUser(message) {
  document.querySelector("[role=alert]").textContent = message;
}

// Runs what a form does, once at a time, with its refusal shown. Calls `action` with the form's values.
export function onSubmit(form, action) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    await attempt(() => action(Object.fromEntries(new FormData(form))));
    form.ariaBusy = "false";
  });
}

export async function attempt(action) {
  alertUser("");
  try {
    return await action();
  } catch (error) {
    alertUser(error.message);
    if (!(error instanceof Refusal)) console.error(error);
    return undefined;
  }
}
