// Lines of JSON with the test that started this program: it says what to do, and plays the person's browser.
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const setup = JSON.parse(process.argv[2]);

export function tell(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

// ask(what): says it, and waits for the test's answer.
export async function ask(what) {
  tell(what);
  const { value, done } = await lines.next();
  if (done) throw new Error("the test ended");
  return JSON.parse(value);
}

// visit(url): the person's browser goes there; where it is led back to the application, as a URL.
export async function visit(url, answer = "approve") {
  return new URL((await ask({ visit: url.href, answer })).url);
}

// call(version, method, body, token): a method of the CSC API; status and body.
export async function call(version, method, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const url = `${setup.issuer}/csc/${version}/${method}`;
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

// refused(act): what `act` was refused with; an act that is not refused is an error.
export async function refused(act) {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error("it was not refused");
}

// end(said): the last line; the standard input would keep the program alive.
export function end(said) {
  tell({ done: said });
  process.exit(0);
}
