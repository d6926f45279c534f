// The desk's small comforts: "all" ticks everything, the button says how many, and what is under way is looked at again
// by itself. Without this file boxes are ticked one by one, and the button to reload does the same.

const boxes = [...document.querySelectorAll('input[name="item"]')];
const all = document.querySelector("[data-all]");
const count = document.querySelector("[data-count]");

function tell() {
  const ticked = boxes.filter((each) => each.checked).length;
  count.textContent = ticked ? `(${ticked})` : "";
  all.checked = ticked === boxes.length;
  all.indeterminate = ticked > 0 && !all.checked;
}

if (all && boxes.length) {
  all.closest("label").removeAttribute("hidden");
  all.addEventListener("change", () => {
    boxes.forEach((each) => (each.checked = all.checked));
    tell();
  });
  boxes.forEach((each) => each.addEventListener("change", tell));
  tell();
}

const EVERY = 2000;

async function follow() {
  const old = document.querySelector("[data-follow]");
  if (!old) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("#followed");
      if (fresh) document.getElementById("followed").replaceWith(document.importNode(fresh, true));
    }
  } catch {
    // no network at this moment: asked again
  }
  setTimeout(follow, EVERY);
}

setTimeout(follow, EVERY);
