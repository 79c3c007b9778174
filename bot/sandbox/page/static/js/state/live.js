// The websocket that brings the world: opened for one person, and opened again whenever it is cut.

import { store } from "./store.js";

const PAUSES = [300, 600, 1200, 2500, 5000]; // ms before each new try; the last one stays
const STEADY = 5000; // ms for which a connection has held: one that is cut sooner, again and again, is tried less often

let socket = null;
let timer = null;
let tries = 0;
let openedAt = Infinity;
let person = null;

/** Follow the world as this person; null is the first person of the workspace. */
export function follow(as) {
  person = as;
  tries = 0;
  open();
}

function open() {
  clearTimeout(timer);
  socket?.close();
  const url = new URL("/live", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (person) url.searchParams.set("as", person);
  const opened = new WebSocket(url);
  socket = opened;
  opened.onmessage = ({ data }) => socket === opened && take(JSON.parse(data));
  opened.onclose = () => socket === opened && wait();
}

function take(frame) {
  if (frame.type === "hello") {
    openedAt = Date.now();
    if (store.me !== null && store.me !== frame.me) store.forget(); // a new world, where that person does not live
    person = frame.me;
    setConnection(true);
  }
  store.receive(frame);
}

function wait() {
  if (Date.now() - openedAt > STEADY) tries = 0;
  openedAt = Infinity;
  socket = null;
  setConnection(false);
  timer = setTimeout(open, PAUSES[Math.min(tries, PAUSES.length - 1)]);
  tries += 1;
}

function setConnection(isOpen) {
  if (store.connection.open === isOpen && store.connection.since) return;
  store.connection = { open: isOpen, since: Date.now() };
  store.tell("connection", store.connection);
}

/** Try at once when the person comes back to the tab, rather than at the end of the pause. */
function hurry() {
  if (!socket && document.visibilityState === "visible") open();
}

addEventListener("online", hurry);
document.addEventListener("visibilitychange", hurry);
