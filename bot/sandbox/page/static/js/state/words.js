// The words for channels and people that several parts of the page share.

import { store } from "./store.js";

export const ICON_OF = { public: "hash", private: "lock", shared: "shared", dm: "dot" };

const KINDS = {
  public: "Public channel",
  private: "Private channel",
  shared: "Shared with another company",
  dm: "Direct message",
};

/** Return a channel's name as people read it, without its sign. */
export function channelName(channel) {
  return channel.kind === "dm" ? personName(channel.with) : channel.name;
}

/** Return a channel's name with its sign, as in `#night-shift`. */
export function channelTitle(channel) {
  return channel.kind === "dm" ? personName(channel.with) : `#${channel.name}`;
}

export function kindWords(channel) {
  return channel.archived ? `${KINDS[channel.kind]}, archived` : KINDS[channel.kind];
}

/** Return a person's name without the `@`. */
export function personName(id) {
  return (store.names[id] ?? store.personOf(id)?.name ?? id ?? "").replace(/^@/, "");
}

/** Return a number with its noun. */
export function counted(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}
