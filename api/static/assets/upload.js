// Optional help for the upload form: a drop zone, the file's name and size, a word while the check runs.
const form = document.querySelector("[data-upload]");
if (form) {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector(".drop");
  const chosen = form.querySelector(".chosen");
  const button = form.querySelector("button");
  const label = button.innerHTML;
  const limit = Number(form.dataset.limit);

  const show = () => {
    const file = input.files[0];
    if (!file) return;
    const tooLarge = file.size > limit;
    const size = (file.size / 1e6).toLocaleString("id", { maximumFractionDigits: 1 });
    chosen.textContent = tooLarge ? `${size} MB: terlalu besar · too large` : `${file.name} (${size} MB)`;
    input.setCustomValidity(tooLarge ? "Berkas terlalu besar · The file is too large" : "");
  };

  input.addEventListener("change", show);
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    show();
  });
  form.addEventListener("submit", () => {
    button.textContent = "Sedang memeriksa … · Checking …";
    button.setAttribute("aria-disabled", "true");
  });
  window.addEventListener("pageshow", () => {
    button.innerHTML = label;
    button.removeAttribute("aria-disabled");
  });
}
