// The list of suggestions over a text box: the box keeps the focus, and names the option that is chosen.

import { h, replace } from "../base/dom.js";
import { counted } from "../state/words.js";

let lists = 0;

/** Make the list of a text box; `onTake` gets the item that was chosen by key, mouse or touch. */
export function makeSuggestions(box, onTake) {
  lists += 1;
  const id = `suggestions-${lists}`;
  const list = h("ul", { id, role: "listbox", class: "suggestions", "aria-label": "Suggestions", hidden: true });
  const status = h("p", { class: "unseen", role: "status" });
  let items = [];
  let active = -1;

  box.setAttribute("aria-autocomplete", "list");
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus

  /** Show these items; one that is safe is chosen at once, so that Enter completes it. */
  function show(next) {
    items = next;
    active = items[0]?.isSafe ? 0 : -1;
    list.hidden = items.length === 0;
    if (list.hidden) box.removeAttribute("aria-controls");
    else box.setAttribute("aria-controls", id);
    replace(list, items.map(drawItem));
    list.scrollTop = 0;
    const said = items.length === 0 ? "" : counted(items.length, "suggestion");
    if (status.textContent !== said) status.textContent = said;
    mark();
  }

  function drawItem(item, place) {
    return h(
      "li",
      { id: `${id}-${place}`, role: "option", class: "suggestion", onclick: () => onTake(item) },
      h("span", { class: "suggestion-label" }, h("b", {}, item.label), item.more),
      item.detail && h("span", { class: "suggestion-detail" }, ` ${item.detail}`),
    );
  }

  function mark() {
    for (const [place, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(place === active));
    }
    if (active < 0) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", `${id}-${active}`);
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  return {
    parts: [list, status],
    show,
    close: () => show([]),
    get isOpen() {
      return items.length > 0;
    },
    /** The item that Enter takes, or null: then it sends. */
    get chosen() {
      return items[active] ?? null;
    },
    /** The item that Tab takes: the chosen one, or the best. */
    get best() {
      return items[active] ?? items[0] ?? null;
    },
    move(step) {
      active = active < 0 && step < 0 ? items.length - 1 : (active + step + items.length) % items.length;
      mark();
    },
  };
}
