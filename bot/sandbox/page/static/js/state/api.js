// Acts: what the person does, as requests to the page's server.

import { showToast } from "../base/toasts.js";
import { store } from "./store.js";

const UNREACHED = "The page's server does not answer, so nothing was done. What you typed is kept.";
const UNREADABLE = "The page's server gave an answer that cannot be read.";

/** Do something in the workspace as this tab's person. Returns the answer; its `problem` is shown, unless `quiet`. */
export function act(name, body = {}, { quiet = false } = {}) {
  return request(`/acts/${name}`, body, quiet);
}

/** Do something to the world around the workspace. */
export function world(name, body = {}, { quiet = false } = {}) {
  return request(`/world/${name}`, body, quiet);
}

async function request(path, body, quiet) {
  const answer = await post(path, { as: store.me, ...body });
  if (answer.ok) store.tell("acted", { path, body });
  else if (!quiet) showToast(answer.problem, { kind: "problem" });
  return answer;
}

async function post(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return { ok: false, problem: UNREACHED };
  }
  try {
    const answer = await response.json();
    return answer.ok || answer.problem ? answer : { ok: false, problem: UNREADABLE };
  } catch {
    return { ok: false, problem: `${UNREADABLE} (HTTP ${response.status})` };
  }
}
