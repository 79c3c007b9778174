// The header of the conversation: which channel this is, of what kind, and the ways to elsewhere.

import { makeIconButton } from "../base/buttons.js";
import { h, icon, replace } from "../base/dom.js";
import { oncePerFrame } from "../base/soon.js";
import { store } from "../state/store.js";
import { ICON_OF, channelName, channelTitle, counted, kindWords } from "../state/words.js";
import { unreadIn } from "../timeline/unread.js";

/** Follow what is on screen and show its header in `root`. */
export function drawHeader(root, { onMenu, onSearch, onWorld }) {
  const menu = makeIconButton("menu", "Channels", onMenu, {
    class: "drawer-button",
    "aria-controls": "channels",
    "aria-expanded": "false",
  });
  const title = h("h1", { class: "header-title", tabindex: "-1" });
  const about = h("p", { class: "header-about" });
  const search = makeIconButton("search", "Go to a channel", onSearch, {
    title: "Go to a channel (Ctrl+K)",
    "aria-keyshortcuts": "Control+K Meta+K",
  });
  const worldButton = h(
    "button",
    {
      class: "button world-button",
      type: "button",
      "aria-controls": "world",
      "aria-expanded": "false",
      onclick: onWorld,
    },
    icon("world"),
    h("span", {}, "The other side"),
  );
  root.append(menu, h("div", { class: "header-words" }, title, about), search, worldButton);

  function show() {
    const channel = store.channelOf(store.channel);
    if (store.home) {
      replace(title, icon("home"), h("span", {}, "Home"));
      replace(about, store.workspace.bot.name);
    } else if (channel) {
      replace(title, channel.kind !== "dm" && icon(ICON_OF[channel.kind]), h("span", {}, channelName(channel)));
      replace(about, aboutWords(channel));
    }
    const place = store.home ? "Home" : channel ? channelTitle(channel) : "";
    const others = store.channels.filter((each) => store.home || each.id !== store.channel).map(unreadIn);
    const mentions = store.channels.reduce((sum, each) => sum + unreadIn(each).mentions, 0);
    document.title = [mentions > 0 && `(${mentions})`, place, place && "–", store.workspace.name]
      .filter(Boolean)
      .join(" ");
    const isNews = others.some(({ any, mentions: own }) => any || own);
    menu.setAttribute("aria-label", isNews ? "Channels, unread messages" : "Channels");
    menu.classList.toggle("is-news", isNews);
  }

  const soon = oncePerFrame(show);
  for (const topic of ["hello", "names", "channels", "messages", "view", "unread"]) store.on(topic, soon);
  return { menu, worldButton };
}

function aboutWords(channel) {
  const members = channel.members?.length;
  const bot = channel.kind !== "dm" && !channel.bot_in && `without ${store.workspace.bot.name}`;
  return [kindWords(channel), members && channel.kind !== "dm" && counted(members, "member"), bot]
    .filter(Boolean)
    .join(" · ");
}
