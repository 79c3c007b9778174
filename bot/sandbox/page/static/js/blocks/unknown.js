// A visible mark in the place of what this page cannot show: named, never hidden.

import { h } from "../base/dom.js";
import { visible } from "../text/references.js";

/** Return a line that names a type without a drawing here. */
export function cannotShow(type, what = "block") {
  return h("p", { class: "cannot-show" }, "This page cannot show a ", h("code", {}, visible(type)), ` ${what}.`);
}
