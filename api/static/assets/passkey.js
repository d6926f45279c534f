// Passkeys on our pages: a button asks the device, its answer goes into a hidden field, and the form is sent as ever.
// Without this file the other ways work; buttons that need it stay hidden.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const listed = (known) => (known || []).map((each) => ({ ...each, id: bytes(each.id) }));

async function get(options) {
  const made = await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = made.response;
  return answer(made, {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    ...(userHandle ? { userHandle: text(userHandle) } : {}),
  });
}

async function create(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials),
    },
  });
  const { clientDataJSON, attestationObject } = made.response;
  return answer(made, { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) });
}

const answer = (made, response) =>
  JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });

const able = Boolean(window.PublicKeyCredential);
if (able) document.querySelectorAll("[data-needs-passkeys]").forEach((each) => each.removeAttribute("hidden"));

for (const button of able ? document.querySelectorAll("[data-passkey]") : []) {
  const form = button.form;
  const complaint = document.getElementById(button.dataset.complaint);
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    if (form.querySelector("input[required]:invalid")) return void form.reportValidity();
    complaint.hidden = true;
    button.disabled = true;
    try {
      const ask = button.dataset.passkey === "create" ? create : get;
      form.elements.assertion.value = await ask(JSON.parse(button.dataset.options));
      form.submit();
    } catch {
      complaint.hidden = false;
      button.disabled = false;
    }
  });
}
