// The clock of this world, which may have been put on: this page runs on the same machine.

import { store } from "./store.js";

/** Return the present moment of the world, in milliseconds since 1970. */
export function worldNow() {
  return Date.now() + (store.platform?.ahead_s ?? 0) * 1000;
}
