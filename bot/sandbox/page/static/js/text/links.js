// Links: only addresses of the web, of mail and of telephones become one; everything else stays text.

import { h } from "../base/dom.js";
import { linkTo } from "../state/route.js";
import { store } from "../state/store.js";

const PERMALINK =
  /^https:\/\/[\w-]+\.slack\.com\/archives\/(?<channel>[A-Z0-9]+)\/p(?<seconds>\d+)(?<rest>\d{6})(?:\?thread_ts=(?<parent>[\d.]+))?/;
const SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);

/** Return an address as a browser reads it, or null for one that must not become a link. */
export function safeAddress(address) {
  try {
    const parsed = new URL(address);
    return SCHEMES.has(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** Return a link, or null for an address that must not become one. */
export function drawLink(address, ...label) {
  const safe = safeAddress(address);
  if (safe === null) return null;
  const here = placeOf(safe);
  if (here) return h("a", { class: "link", href: linkTo(here) }, ...label);
  return h("a", { class: "link", href: safe, rel: "noopener noreferrer", target: "_blank" }, ...label);
}

// A link to a message of this workspace opens its thread here, as Slack's own clients open those.
function placeOf(address) {
  const { channel, seconds, rest, parent } = PERMALINK.exec(address)?.groups ?? {};
  return store.channelOf(channel) && { channel, thread: parent ?? `${seconds}.${rest}` };
}
