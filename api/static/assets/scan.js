// Reads a QR on the reader's own device and opens the page of its code, never another house's address.
// Browsers without a reader of their own fetch one, on tap.
const place = document.querySelector("[data-scan]");
const video = place.querySelector("video");
const viewfinder = place.querySelector("[data-viewfinder]");
const start = place.querySelector("[data-start]");
const stop = place.querySelector("[data-stop]");
const photo = place.querySelector("input[type=file]");
const elsewhere = document.querySelector("[data-elsewhere]");
const BETWEEN_LOOKS = 150; // milliseconds: a cheap phone stays usable meanwhile
const CODE_PATH = /^\/v\/([0-9A-Za-z-]{1,104})\/?$/;
const BARE_CODE = /^(?:[0-9A-Za-z]{10}|[0-9A-Za-z]{26})$/;
let reader;
let stream;

const say = (name) => {
  for (const each of place.querySelectorAll("[data-say]")) each.hidden = each.dataset.say !== name;
};

const fetchedReader = async () => {
  say("fetching");
  const { BarcodeDetector: Fetched, prepareZXingModule } = await import("./vendor/barcode-detector-3.2.2/ponyfill.js");
  const wasm = new URL("./vendor/zxing-wasm-3.1.3/zxing_reader.wasm", import.meta.url).href;
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  return new Fetched({ formats: ["qr_code"] });
};

const readerOf = async () => {
  const known = (await window.BarcodeDetector?.getSupportedFormats?.()) ?? [];
  return known.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : fetchedReader();
};

const off = () => {
  for (const each of stream?.getTracks() ?? []) each.stop();
  stream = undefined;
  video.srcObject = null;
  viewfinder.hidden = stop.hidden = true;
  start.hidden = !navigator.mediaDevices;
};

// what the QR says: the path of a page of ours, the host of somebody else's, or neither
const meaningOf = (text) => {
  const plain = text.replace(/[\s-]/g, "");
  if (BARE_CODE.test(plain)) return { path: `/v/${plain}` };
  let address;
  try {
    address = new URL(text);
  } catch {
    return {};
  }
  const ours = address.origin === location.origin || (address.protocol === "https:" && address.host === place.dataset.domain);
  const code = CODE_PATH.exec(address.pathname);
  if (ours) return code ? { path: `/v/${code[1]}` } : {};
  return address.host ? { host: address.host } : {};
};

const follow = (text) => {
  off();
  const { path, host } = meaningOf(text);
  if (path) {
    say("found");
    location.assign(path);
  } else if (host) {
    say("");
    elsewhere.querySelector("[data-host]").textContent = host;
    elsewhere.hidden = false;
    elsewhere.focus();
  } else {
    say("no-code");
  }
};

const textIn = async (picture) => {
  const [found] = await reader.detect(picture);
  return found?.rawValue;
};

const watch = async (watched) => {
  if (stream !== watched) return; // stopped meanwhile
  const text = video.readyState >= 2 ? await textIn(video) : undefined;
  if (stream !== watched) return;
  if (text) follow(text);
  else setTimeout(watch, BETWEEN_LOOKS, watched);
};

// `false`, and said so, where there is no way to read
const ready = async () => {
  elsewhere.hidden = true;
  try {
    reader ??= await readerOf();
    return true;
  } catch {
    say("no-reader");
    return false;
  }
};

start.addEventListener("click", async () => {
  start.hidden = true;
  say("opening");
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 960 } },
    });
  } catch (error) {
    off();
    say(error.name === "NotAllowedError" ? "refused" : "no-camera");
    return;
  }
  video.srcObject = stream;
  viewfinder.hidden = stop.hidden = false;
  stop.focus();
  await video.play();
  if (!(await ready())) return off();
  if (!stream) return;
  say("looking");
  watch(stream);
});

stop.addEventListener("click", () => {
  off();
  say("");
  start.focus();
});

photo.addEventListener("change", async () => {
  const [file] = photo.files;
  if (!file) return;
  off();
  if (!(await ready())) return;
  try {
    const text = await textIn(await createImageBitmap(file));
    if (text) follow(text);
    else say("no-qr");
  } catch {
    say("no-qr");
  }
});

window.addEventListener("pagehide", () => {
  off();
  say("");
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden && stream) {
    off();
    say("");
  }
});

place.querySelector("[data-unscripted]").hidden = true;
place.querySelector("[data-scripted]").hidden = false;
off();
