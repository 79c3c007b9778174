// Forms over the page: one dialog for each open modal view, of which the topmost is shown.

import { store } from "../state/store.js";
import { makeForm } from "./form.js";

/** Follow the modal views and show the topmost as a dialog in `root`. */
export function drawModals(root) {
  const forms = new Map();
  store.on("views", ({ modals }) => {
    const ids = new Set(modals.map((view) => view.id));
    for (const [id, form] of forms) {
      if (ids.has(id)) continue;
      form.remove();
      forms.delete(id);
    }
    for (const view of modals) {
      if (!forms.has(view.id)) forms.set(view.id, makeForm(view.id, root));
      forms.get(view.id).update(view);
    }
    const top = modals.at(-1)?.id;
    for (const [id, form] of forms) if (id !== top) form.hide();
    forms.get(top)?.show();
  });
}
