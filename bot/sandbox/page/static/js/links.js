// Links: only addresses of the web, of mail and of telephones become one; everything else stays text.

import { h } from "./dom.js";

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
  return h("a", { class: "link", href: safe, rel: "noopener noreferrer", target: "_blank" }, ...label);
}
