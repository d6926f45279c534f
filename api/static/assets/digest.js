// Offers to ask for a file by its digest alone: SHA-256 is computed here, and the file never leaves the device.
const form = document.querySelector("[data-upload]");
const offer = form?.querySelector("[data-digest]");
if (offer && window.crypto?.subtle) {
  const input = form.querySelector("input[type=file]");
  const button = offer.querySelector("button");
  const label = button.innerHTML;
  offer.hidden = false;

  const digestOf = async (file) => {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const ask = (digest) => {
    const question = document.createElement("form");
    question.method = "post";
    question.action = "/digest";
    question.hidden = true;
    const field = document.createElement("input");
    field.name = "sha256";
    field.value = digest;
    question.append(field);
    document.body.append(question);
    question.submit();
  };

  button.addEventListener("click", async () => {
    if (!form.reportValidity()) return;
    button.textContent = "Menghitung sidik jari … · Computing the digest …";
    try {
      ask(await digestOf(input.files[0]));
    } catch {
      button.textContent = "Berkas tidak dapat dibaca · The file cannot be read";
    }
  });
  window.addEventListener("pageshow", () => {
    button.innerHTML = label;
  });
}
