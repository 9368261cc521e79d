import { Refusal, attempt, onSubmit, post, ready } from "./api.js";
import { effects } from "./effects.js";

const { action } = document.querySelector("[data-action]").dataset;
const request = document.getElementById("request");
const verify = document.getElementById("verify");
let email = "";

function challenge() {
  document.getElementById("captcha").hidden = false;
  throw new Refusal(403, "captcha", "Please confirm that you are not a robot.");
}

onSubmit(request, async (values) => {
  if (effects.captcha) challenge();
  email = values.email;
  await post(`/api/auth/${action}`, { email });
  document.getElementById("sent-to").textContent = email;
  request.hidden = true;
  verify.hidden = false;
  verify.elements.code.focus();
});

onSubmit(verify, async ({ code }) => {
  await post("/api/auth/verify-otp", { email, code });
  location.assign("/dashboard");
});

document.getElementById("resend").addEventListener("click", () =>
  attempt(() => post("/api/auth/resend", { email })),
);

ready();
request.elements.email.focus();
