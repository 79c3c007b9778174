// The focus after a dialog: it goes back to what had opened it, also where that was drawn anew meanwhile.

import { focusComposer } from "./focus.js";

/** Note what has the focus now; returns what gives it back. */
export function noteOpener() {
  const opener = document.activeElement;
  const row = opener?.closest("[data-key]")?.dataset.key;
  const action = opener?.dataset.actionId;
  return () => {
    if (document.activeElement !== document.body) return;
    const place = row ? document.querySelector(`[data-key="${CSS.escape(row)}"]`) : document.body;
    const again = action && place?.querySelector(`[data-action-id="${CSS.escape(action)}"]`);
    const next = again ?? (row && place?.querySelector("article"));
    if (next) next.focus({ preventScroll: true });
    else focusComposer();
  };
}
