import { attempt, onSubmit, post, ready } from "./api.js";

const { action } = document.querySelector("[data-action]").dataset;
const request = document.getElementById("request");
const verify = document.getElementById("verify");
let email = "";

onSubmit(request, async (values) => {
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
