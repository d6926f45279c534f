// The stamp on the page is moved by finger, mouse or arrow keys; the number fields beside it are what is sent. Without
// this file the numbers are typed. Nothing is decided here: the server looks at the place again.

const board = document.querySelector("[data-board]");
const stamp = board.querySelector("[data-stamp]");
const [frame, word] = stamp.children;
const numbers = document.querySelector("[data-numbers]");
const { left, top: above, width } = numbers.elements;
const where = document.getElementById("where");
const mm = Number(board.dataset.mm);
const ratio = Number(board.dataset.ratio);
const least = Number(board.dataset.least);
const page = board.viewBox.baseVal;
const taken = [...board.querySelectorAll(".taken")].map(box);
let here = box(frame);

function box(rect) {
  return Object.fromEntries(["x", "y", "width", "height"].map((name) => [name, Number(rect.getAttribute(name))]));
}

function put(wanted, told = true) {
  const across = Math.min(Math.max(wanted.width, least), page.width, page.height / ratio);
  here = { width: across, height: across * ratio };
  here.x = Math.min(Math.max(wanted.x, 0), page.width - here.width);
  here.y = Math.min(Math.max(wanted.y, 0), page.height - here.height);
  for (const name of ["x", "y", "width", "height"]) frame.setAttribute(name, here[name]);
  word.setAttribute("x", here.x + here.width / 2);
  word.setAttribute("y", here.y + here.height / 2);
  const covers = taken.some(
    (each) =>
      each.x < here.x + here.width &&
      each.x + each.width > here.x &&
      each.y < here.y + here.height &&
      each.y + each.height > here.y,
  );
  stamp.classList.toggle("covers", covers);
  if (told) {
    left.value = inMm(here.x);
    above.value = inMm(here.y);
    width.value = inMm(here.width);
  }
  where.textContent =
    `${left.value} mm dari kiri, ${above.value} mm dari atas` + (covers ? "; menutupi isian lain · covers a field" : "");
}

function inMm(points) {
  return (Math.floor((points / mm) * 10 + 1e-6) / 10).toFixed(1);
}

function typed() {
  put({ x: left.value * mm, y: above.value * mm, width: width.value * mm }, false);
}

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

stamp.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  if (event.key === "Enter") numbers.requestSubmit();
  if (!step) return;
  event.preventDefault();
  const far = (event.shiftKey ? 10 : 1) * mm;
  put({ ...here, x: here.x + step[0] * far, y: here.y + step[1] * far });
});

function at(event) {
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(board.getScreenCTM().inverse());
}

stamp.addEventListener("pointerdown", (event) => {
  const start = at(event);
  const from = { ...here };
  stamp.setPointerCapture(event.pointerId);
  const move = (next) => {
    const point = at(next);
    put({ ...from, x: from.x + point.x - start.x, y: from.y + point.y - start.y });
  };
  stamp.addEventListener("pointermove", move);
  const end = () => stamp.removeEventListener("pointermove", move);
  stamp.addEventListener("pointerup", end, { once: true });
  stamp.addEventListener("pointercancel", end, { once: true });
});

for (const field of [left, above, width]) field.addEventListener("input", typed);
stamp.setAttribute("tabindex", "0");
stamp.setAttribute("role", "application");
stamp.setAttribute("aria-label", "Cap Anda; tombol panah memindahkannya · Your stamp; arrow keys move it");
stamp.setAttribute("aria-describedby", "where");
document.getElementById("how").hidden = false;
put(here, false);
