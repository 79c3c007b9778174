// The channel switcher: a few letters, arrow keys and Enter lead to any channel, or Home.

import { h, icon, replace } from "../base/dom.js";
import { focusComposer } from "../base/focus.js";
import { store } from "../state/store.js";
import { ICON_OF, channelName, kindWords } from "../state/words.js";
import { unreadIn } from "../timeline/unread.js";

/** Make the switcher in `root`; returns how to open it. Ctrl+K and Cmd+K open it as well. */
export function makeSwitcher(root) {
  const input = h("input", {
    class: "switcher-input",
    type: "text",
    role: "combobox",
    "aria-label": "Go to a channel",
    "aria-expanded": "true",
    "aria-controls": "switcher-list",
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "Go to a channel",
  });
  const list = h("ul", { class: "switcher-list", id: "switcher-list", role: "listbox", "aria-label": "Channels" });
  const none = h("p", { class: "switcher-none", role: "status" });
  const dialog = h(
    "dialog",
    {
      class: "switcher",
      "aria-label": "Go to a channel",
      onclick: (event) => event.target === dialog && dialog.close(),
    },
    input,
    list,
    none,
  );
  root.append(dialog);
  let found = [];
  let at = 0;

  input.addEventListener("input", () => show(0));
  input.addEventListener("keydown", onKey);
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else if (!document.querySelector("dialog[open]")) open();
  });

  function open() {
    input.value = "";
    show(0);
    dialog.showModal();
    input.focus();
  }

  function show(next) {
    found = places().filter(({ words }) => fits(words, input.value));
    at = Math.max(0, Math.min(next, found.length - 1));
    replace(list, found.map(drawOption));
    replace(none, found.length === 0 && "Nothing here has such a name.");
    input.setAttribute("aria-activedescendant", found.length ? `switch-${at}` : "");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function drawOption({ words, sign, kind, isUnread }, index) {
    return h(
      "li",
      {
        class: ["switcher-option", isUnread && "is-unread"],
        role: "option",
        id: `switch-${index}`,
        "aria-selected": String(index === at),
        onclick: () => go(index),
      },
      icon(sign),
      h("span", {}, words),
      h("span", { class: "switcher-kind" }, kind),
    );
  }

  function onKey(event) {
    if (event.isComposing) return;
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      show((next + found.length) % (found.length || 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (found[at]) go(at);
    }
  }

  function go(index) {
    const { open: openPlace } = found[index];
    dialog.close();
    openPlace();
    if (!store.home) focusComposer();
  }

  return open;
}

/** Return all that can be gone to, what is unread first. */
function places() {
  const home = {
    words: "Home",
    sign: "home",
    kind: store.workspace.bot.name,
    isUnread: false,
    open: () => store.open({ home: true }),
  };
  const channels = store.channels.map((channel) => {
    const { any, mentions } = unreadIn(channel);
    return {
      words: channelName(channel),
      sign: channel.kind === "dm" ? "person" : ICON_OF[channel.kind],
      kind: kindWords(channel),
      isUnread: any || mentions > 0,
      open: () => store.open({ channel: channel.id }),
    };
  });
  return [...channels.sort((one, other) => Number(other.isUnread) - Number(one.isUnread)), home];
}

/** Return whether the letters stand in the words, in this order. */
function fits(words, letters) {
  let from = 0;
  const all = words.toLowerCase();
  for (const letter of letters.toLowerCase().replace(/[\s#@]/g, "")) {
    from = all.indexOf(letter, from) + 1;
    if (from === 0) return false;
  }
  return true;
}
