// The sessions that a person has seen in a channel, read off the bot's cards, the newest first.

import { store } from "../state/store.js";
import { unescaped } from "../text/escapes.js";

const CARD = /^\S+ \*?#(\d+) (.+?)\*? – \*?([^*\n]+?)\*?$/;
const OVER = /^(ended|not started|record closed)\b/;

/** Return `{number, rule, state, isOver, ts}` for each card in the channel. */
export function sessionsSeen(channelId) {
  const cards = store.messages(channelId).filter((message) => message.bot && !message.thread_ts && !message.only_you);
  return cards.map(readCard).filter(Boolean).reverse();
}

function readCard(message) {
  const found = CARD.exec(unescaped(message.text.split("\n", 1)[0]));
  if (!found) return null;
  const [, number, rule, state] = found;
  return { number, rule, state, isOver: OVER.test(state), ts: message.ts };
}
