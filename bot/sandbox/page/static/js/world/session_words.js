// A session in words, for its row and for its own view.

import { worldNow } from "../state/clock.js";
import { counted } from "../state/words.js";
import { durationWords } from "./times.js";

/** Return `running`, `hangs`, `ended` or `failed`. */
export function stateOf({ state, hangs, reason }) {
  if (state === "running") return hangs ? "hangs" : "running";
  return reason === "Normal termination" ? "ended" : "failed";
}

export function ageWords({ state, started_at: started, ended_at: ended }) {
  const words = durationWords(((state === "running" ? worldNow() : ended) - started) / 1000);
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
