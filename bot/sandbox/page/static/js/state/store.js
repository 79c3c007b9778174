// What this tab knows: the world as its person sees it, and what is on screen. `live.js` fills it; all else reads it.

import { drafts } from "./kept.js";

const listeners = new Map();
const histories = new Map();

export const store = {
  me: null,
  people: [],
  workspace: { name: "", bot: { id: "", name: "" } },
  names: {},
  namesVersion: 0,
  channels: [],
  commands: [],
  notes: [],
  steps: [],
  can: {},
  views: { modals: [], home: null },
  bot: null,
  platform: null,
  drill: null,
  scenarios: null,
  connection: { open: false, since: null },

  /** The id of the channel on screen, the `ts` of the thread's parent beside it, and whether Home is shown instead. */
  channel: null,
  thread: null,
  home: false,

  /**
   * Call `listener` for each frame of this type; returns how to leave. Further topics: `view` (what is on screen
   * changed), `fresh` (messages that were not here before), `dropped` (the id of a rule made of files), `acted` (the
   * person did something), `drill shown` (its bar was hidden, or shown again), `unread`, `connection` and `suggest`.
   */
  on(topic, listener) {
    if (!listeners.has(topic)) listeners.set(topic, new Set());
    listeners.get(topic).add(listener);
    return () => listeners.get(topic).delete(listener);
  },

  /** Tell a topic's listeners. One that raises does not keep the others from hearing it. */
  tell(topic, subject) {
    for (const listener of [...(listeners.get(topic) ?? [])]) {
      try {
        listener(subject);
      } catch (error) {
        reportError(error);
      }
    }
  },

  /** Return all messages of a channel that this person sees, replies in threads as well, by time. */
  messages(channelId) {
    return histories.get(channelId)?.sorted() ?? [];
  },

  /** Return whether the messages of a channel have come, be there any or none. */
  isLoaded(channelId) {
    return histories.has(channelId);
  },

  message(channelId, ts) {
    return histories.get(channelId)?.byKey.get(ts) ?? null;
  },

  /** Return the replies in a thread, without its parent, by time. */
  replies(channelId, ts) {
    return histories.get(channelId)?.replies(ts) ?? [];
  },

  /** Return the present moment of the world, in ms since 1970: its clock may have been put on, this machine's was not. */
  now() {
    return Date.now() + (store.platform?.ahead_s ?? 0) * 1000;
  },

  /** Return the channel with this id that this person sees, or null. */
  channelOf(id) {
    return store.channels.find((channel) => channel.id === id) ?? null;
  },

  personOf(id) {
    return store.people.find((person) => person.id === id) ?? null;
  },

  /** Take in a frame of the server's, and tell its listeners. */
  receive(frame) {
    const fresh = RECEIVE[frame.type]?.(frame);
    store.tell(frame.type, frame);
    if (fresh?.length) store.tell("fresh", { channel: frame.channel, messages: fresh });
  },

  /** Show a channel, its thread, or Home. What is not named stays; another channel closes the thread. */
  open({ channel = store.channel, thread, home = false }) {
    const isSame = channel === store.channel;
    store.thread = thread !== undefined ? thread : isSame ? store.thread : null;
    store.channel = channel;
    store.home = home;
    store.tell("view", null);
  },

  /** Return what was typed and not sent at a place (`channel` or `channel/thread`) or, with `text`, keep it. */
  draft(key, text) {
    return text === undefined ? drafts.read(store.me, key) : drafts.keep(store.me, key, text);
  },

  /** Put a line into the composer of the channel: its listener decides what happens to a line that is there. */
  suggest(text) {
    store.tell("suggest", text);
  },

  /** Forget all that belongs to a person: another one is acted as. */
  forget() {
    histories.clear();
    Object.assign(store, {
      me: null,
      channels: [],
      views: { modals: [], home: null },
      channel: null,
      thread: null,
      home: false,
    });
  },
};

const RECEIVE = {
  hello(frame) {
    const { me, people, workspace, names, commands, notes, can, steps, version } = frame;
    Object.assign(store, {
      me,
      people,
      workspace,
      names: { ...names },
      commands,
      notes,
      can,
      steps: steps ?? [],
      version,
    });
    store.namesVersion += 1;
  },
  people(frame) {
    store.people = frame.people;
  },
  names(frame) {
    Object.assign(store.names, frame.names);
    store.namesVersion += 1;
  },
  channels(frame) {
    store.channels = frame.channels;
  },
  messages(frame) {
    return history(frame.channel).take(frame);
  },
  views(frame) {
    store.views = { modals: frame.modals, home: frame.home };
  },
  bot(frame) {
    store.bot = frame;
  },
  platform(frame) {
    store.platform = frame;
  },
  drill(frame) {
    store.drill = frame;
  },
  scenarios(frame) {
    store.scenarios = frame;
  },
};

function history(channelId) {
  if (!histories.has(channelId)) histories.set(channelId, makeHistory());
  return histories.get(channelId);
}

/** Make the messages of one channel. One that came again unchanged stays the same object, so it is not drawn anew. */
function makeHistory() {
  const byKey = new Map();
  let sorted = null;
  let threads = null;

  /** Take in messages, and return those that are newer than all that were here, by time. */
  function take({ messages, removed = [], whole }) {
    const newest = inOrder().at(-1)?.ts ?? (whole ? null : "");
    const before = whole ? new Map(byKey) : byKey;
    if (whole) byKey.clear();
    for (const key of removed) byKey.delete(key);
    for (const message of messages) {
      const known = before.get(message.key);
      byKey.set(message.key, known && isSame(known, message) ? known : message);
    }
    sorted = null;
    threads = null;
    return newest === null ? [] : messages.filter((message) => message.ts > newest).sort(byTime);
  }

  function inOrder() {
    sorted ??= [...byKey.values()].sort(byTime);
    return sorted;
  }

  function replies(ts) {
    threads ??= Map.groupBy(
      inOrder().filter((each) => each.thread_ts && each.thread_ts !== each.ts),
      (each) => each.thread_ts,
    );
    return threads.get(ts) ?? [];
  }

  return { byKey, take, sorted: inOrder, replies };
}

function byTime(one, other) {
  return one.ts < other.ts ? -1 : one.ts > other.ts ? 1 : 0;
}

function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
