// The platform's sessions as this page knows them, each from a frame of its own, and in words.

import { store } from "../state/store.js";
import { counted } from "../state/words.js";
import { durationWords } from "./times.js";

const byId = new Map();
const listeners = new Set();

export const sessions = {
  /** Return all sessions, those that run before those that ended, and each the newest first. */
  all() {
    const ended = ({ state }) => Number(state !== "running");
    return [...byId.values()].sort((one, other) => ended(one) - ended(other) || other.id - one.id);
  },

  get(id) {
    return byId.get(id) ?? null;
  },

  /** Call `listener` with each session that is new or has changed, and with null when all are forgotten. */
  on(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

store.on("hello", () => {
  byId.clear();
  tell(null);
});
store.on("session", (session) => {
  byId.set(session.id, session);
  tell(session);
});

function tell(session) {
  for (const listener of [...listeners]) listener(session);
}

/** Return `running`, `hangs`, `ended` or `failed`. */
export function stateOf({ state, hangs, reason }) {
  if (state === "running") return hangs ? "hangs" : "running";
  return reason === "Normal termination" ? "ended" : "failed";
}

export function ageWords({ state, started_at: started, ended_at: ended }) {
  const words = durationWords(((state === "running" ? store.now() : ended) - started) / 1000);
  return state === "running" ? words : `ran ${words}`;
}

/** Return the facts of a session in short, without the gaps between them. */
export function factsOf({ by, hangs, state, reason, calls, requests }) {
  const live = calls.filter((call) => call.state !== "ended").length;
  return [
    state === "ended" ? reason : hangs ? "hangs" : "running",
    `by ${by}`,
    live > 0 && counted(live, "live call"),
    requests > 0 && counted(requests, "request"),
  ].filter(Boolean);
}
