// The channel list: who this tab acts as, Home, the channels and direct messages, and what is unread in each.

import { makeIconButton } from "../base/buttons.js";
import { arrange, h, icon, replace } from "../base/dom.js";
import { moveByArrows } from "../base/focus.js";
import { oncePerFrame } from "../base/soon.js";
import { linkTo } from "../state/route.js";
import { store } from "../state/store.js";
import { ICON_OF, channelName, counted, kindWords } from "../state/words.js";
import { unreadIn } from "../timeline/unread.js";
import { makePersonSwitch } from "./person_switch.js";
import { makeSchemeButton } from "./scheme_button.js";

const SECTIONS = [
  ["Channels", (channel) => channel.member && channel.kind !== "dm"],
  ["Direct messages", (channel) => channel.member && channel.kind === "dm"],
  ["Not joined", (channel) => !channel.member],
];

/** Follow the channels and show them in `root`; `onPick` hears when one was opened, `onClose` when the list is closed. */
export function drawChannels(root, { onPick, onClose }) {
  const entries = new Map();
  const name = h("h2", { class: "rail-name" });
  const home = makeEntry("home", "home", () => store.open({ home: true }));
  const lists = SECTIONS.map(([title, belongs]) => {
    const list = h("ul", { class: "rail-list" });
    const section = h("section", { "aria-label": title }, h("h3", { class: "rail-title" }, title), list);
    return { belongs, list, section };
  });
  root.append(
    h(
      "header",
      { class: "rail-head" },
      name,
      makeSchemeButton(),
      makeIconButton("close", "Close the channel list", onClose, { class: "rail-close" }),
    ),
    makePersonSwitch(),
    h("ul", { class: "rail-list" }, home.item),
    ...lists.map(({ section }) => section),
  );
  moveByArrows(root, ".entry");

  function makeEntry(key, sign, open) {
    const words = h("span", { class: "entry-name" });
    const more = h("span");
    const link = h(
      "a",
      { class: "entry", href: "#", onclick: (event) => pick(event, open) },
      sign === "dot" ? h("span", { class: "dot", "aria-hidden": "true" }) : icon(sign),
      words,
      more,
    );
    return { item: h("li", { data: { key } }, link), link, words, more };
  }

  /** Open an entry here, unless the person asks for a new tab. */
  function pick(event, open) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
    onPick();
  }

  function show() {
    replace(name, store.workspace.name);
    setEntry(home, { href: linkTo({ home: true }), words: "Home", isHere: store.home });
    for (const { belongs, list, section } of lists) {
      const channels = store.channels.filter(belongs).sort(byName);
      section.hidden = channels.length === 0;
      arrange(list, channels.map(showChannel));
    }
  }

  function showChannel(channel) {
    const sign = ICON_OF[channel.kind];
    const key = `${channel.id} ${sign}`;
    if (!entries.has(key))
      entries.set(
        key,
        makeEntry(channel.id, sign, () => store.open({ channel: channel.id })),
      );
    const entry = entries.get(key);
    const isHere = !store.home && channel.id === store.channel;
    const isBot = channel.with === store.workspace.bot.id;
    entry.link.classList.toggle("is-archived", channel.archived);
    entry.link.classList.toggle("is-present", channel.kind === "dm" && (!isBot || store.bot?.connected === true));
    setEntry(entry, {
      href: linkTo({ channel: channel.id }),
      words: channelName(channel),
      isHere,
      unread: unreadIn(channel),
      kind: kindWords(channel),
    });
    return entry.item;
  }

  const soon = oncePerFrame(show);
  for (const topic of ["hello", "names", "channels", "messages", "bot", "view", "unread"]) store.on(topic, soon);
}

function setEntry(
  { link, words, more },
  { href, words: text, isHere, unread = { any: false, mentions: 0 }, kind = null },
) {
  link.href = href;
  link.classList.toggle("is-unread", unread.any || unread.mentions > 0);
  if (isHere) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  if (words.textContent !== text) replace(words, text);
  const said = [kind, unread.mentions > 0 && counted(unread.mentions, "mention"), unread.any && "unread"]
    .filter(Boolean)
    .join(", ");
  replace(
    more,
    unread.mentions > 0 && h("span", { class: "badge", "aria-hidden": "true" }, String(unread.mentions)),
    said && h("span", { class: "unseen" }, `, ${said}`),
  );
}

function byName(one, other) {
  return channelName(one).localeCompare(channelName(other));
}
