// Asks the browser where it is when a button is pressed, and then sends the form.
"use strict";

const form = document.querySelector("form[data-position]");
const fields = ["latitude", "longitude", "accuracy"];

function say(which) {
  for (const each of document.querySelectorAll("[data-say]")) each.hidden = each.dataset.say !== which;
}

function ask(event) {
  if (form.elements.accuracy.value) return; // filled just now: it may go
  event.preventDefault();
  say("asking");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      for (const each of fields) form.elements[each].value = coords[each].toString();
      form.requestSubmit(event.submitter);
    },
    (error) => say(error.code === error.PERMISSION_DENIED ? "denied" : "failed"),
    { enableHighAccuracy: true, maximumAge: 0, timeout: 20000 },
  );
}

if (form && "geolocation" in navigator) {
  form.addEventListener("submit", ask);
  window.addEventListener("pageshow", () => form.reset()); // who comes back is asked anew
  form.hidden = false;
  say("ready");
} else {
  say("failed");
}
