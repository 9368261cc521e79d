// The room: wires the call, the chat and the controls together.

import { alertUser, attempt, post, ready } from "./api.js";
import { Call } from "./call.js";
import { showHistory, showMessage, startChat } from "./chat.js";
import { Recorder } from "./recorder.js";
import { Signalling } from "./signalling.js";

const room = document.getElementById("room");
const notice = document.getElementById("notice");
const { session } = room.dataset;

function control(id, action) {
  const button = document.getElementById(id);
  button?.addEventListener("click", async () => {
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    await attempt(() => action(button));
    button.ariaBusy = "false";
  });
  return button;
}

function goToDashboard() {
  window.top.location.assign("/dashboard");
}

function enter() {
  const signalling = new Signalling(session);
  const call = new Call(signalling);
  let recorder = null;
  let over = false;

  function leave() {
    over = true;
    signalling.close();
    call.close();
    goToDashboard();
  }

  signalling.addEventListener("welcome", () => attempt(() => showHistory(session)));
  signalling.addEventListener("chat", ({ data }) => showMessage(data.message));
  signalling.addEventListener("ended", leave);
  signalling.addEventListener("replaced", () => {
    call.close();
    alertUser("You entered this session elsewhere; this page is no longer in it.");
  });
  startChat(session);

  control("microphone", (button) => {
    button.textContent = call.toggle("audio") ? "Mute microphone" : "Unmute microphone";
  });
  control("camera", (button) => {
    button.textContent = call.toggle("video") ? "Turn camera off" : "Turn camera on";
  });
  const share = control("share", async (button) => {
    if (call.screen) call.stopSharing();
    else {
      await call.shareScreen();
      button.textContent = "Stop sharing";
    }
  });
  call.addEventListener("device-lost", ({ detail }) => alertUser(`Your ${detail} stopped; is it still connected?`));
  call.addEventListener("sharing-stopped", () => (share.textContent = "Share screen"));

  control("record", async (button) => {
    if (!recorder) {
      recorder = new Recorder();
      await recorder.start(session).catch((error) => {
        recorder = null;
        throw error;
      });
      button.textContent = "Stop recording";
      notice.textContent = "Recording";
      return;
    }
    const finished = recorder;
    recorder = null;
    button.textContent = "Start recording";
    notice.textContent = "Saving the recording…";
    try {
      const { id } = await finished.stop((stage) => {
        notice.textContent = stage === "completed" ? "Recording completed" : `${notice.textContent}, ${stage}`;
      });
      const link = document.createElement("a");
      link.href = `/api/recordings/${id}/download`;
      link.textContent = "Download";
      notice.append(", processed. ", link);
    } catch (error) {
      notice.textContent = "";
      throw error;
    }
  });
  control("leave", async () => {
    signalling.leaving = true;
    await post(`/api/sessions/${session}/leave`);
    leave();
  });
  control("end", async () => {
    await post(`/api/sessions/${session}/end`);
    if (!over) leave();
  });

  attempt(() => call.startMedia());
  signalling.run();
}

ready();
const lobby = document.getElementById("lobby");
if (lobby) {
  document.getElementById("enter").addEventListener("click", () => {
    lobby.remove();
    room.hidden = false;
    enter();
  });
} else {
  enter();
}
