// The button that chooses between the light and the dark scheme, which the browser keeps: `scheme.js` beside the page
// sets it at a load.

import { h, icon, replace } from "../base/dom.js";

const isDark = matchMedia("(prefers-color-scheme: dark)");

export function makeSchemeButton() {
  const button = h("button", { class: "button is-quiet is-icon", type: "button", onclick: change });

  function shown() {
    return document.documentElement.dataset.scheme ?? (isDark.matches ? "dark" : "light");
  }

  /** Change to the other scheme; back at the system's, that one is followed again. */
  function change() {
    const next = shown() === "dark" ? "light" : "dark";
    const isSystem = (next === "dark") === isDark.matches;
    if (isSystem) delete document.documentElement.dataset.scheme;
    else document.documentElement.dataset.scheme = next;
    try {
      if (isSystem) localStorage.removeItem("scheme");
      else localStorage.setItem("scheme", next);
    } catch {
      // A browser that keeps nothing: the choice lasts until the next load.
    }
    show();
  }

  function show() {
    const next = shown() === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", `${next} colours`);
    button.title = `${next} colours`;
    replace(button, icon(next === "Dark" ? "moon" : "sun"));
  }

  isDark.addEventListener("change", show);
  show();
  return button;
}
