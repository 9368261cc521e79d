import { attempt, get, onSubmit, post, ready } from "./api.js";

const list = document.getElementById("sessions");

function item(session) {
  const entry = document.createElement("li");
  const link = document.createElement("a");
  link.href = `/session/${session.id}`;
  link.textContent = session.title;
  const details = document.createElement("span");
  details.className = "quiet";
  const people = session.participants === 1 ? "1 person" : `${session.participants || "no"} people`;
  const when = new Date(session.created_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  details.textContent = `${people} in it now · created ${when}`;
  entry.append(link, details);
  return entry;
}

const open = ({ session }) => location.assign(`/session/${session.id}`);

onSubmit(document.getElementById("create"), async ({ title }) =>
  open(await post("/api/sessions/create", { title })),
);
onSubmit(document.getElementById("join"), async ({ code }) =>
  open(await post("/api/sessions/join", { code })),
);
document.getElementById("log-out").addEventListener("click", () =>
  attempt(async () => {
    await post("/api/auth/logout");
    location.assign("/");
  }),
);
ready();

await attempt(async () => {
  const [{ user }, { sessions }] = await Promise.all([get("/api/users/profile"), get("/api/sessions/list")]);
  document.getElementById("who").textContent = user.email;
  list.replaceChildren(...sessions.map(item));
  document.getElementById("none").hidden = sessions.length > 0;
});
list.ariaBusy = "false";
document.getElementById("loading").hidden = true;
