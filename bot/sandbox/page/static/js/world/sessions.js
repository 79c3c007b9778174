// The platform's sessions as this page knows them. Each comes in a frame of its own.

import { store } from "../state/store.js";

const byId = new Map();
const listeners = new Set();

export const sessions = {
  /** Return all sessions, the newest first. */
  all() {
    return [...byId.values()].sort((one, other) => other.id - one.id);
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
