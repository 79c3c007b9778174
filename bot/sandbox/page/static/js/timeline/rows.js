// The rows of a timeline: messages with their grouping, the dividers of days, and the line above what is new.

const TOGETHER_S = 5 * 60;

/** Return the rows of a channel: its messages without replies in threads, but with broadcast ones. */
export function channelRows(messages, { newAfter = null, me = null } = {}) {
  return rowsOf(
    messages.filter((each) => !isReply(each) || each.broadcast),
    { newAfter, me },
  );
}

/** Return the rows of a thread: its parent, the number of replies, and these. */
export function threadRows(parent, replies) {
  const first = parent ? [messageRow(parent, false)] : [];
  const count = { key: "count", kind: "count", count: replies.length };
  return [...first, count, ...rowsOf(replies, { days: false })];
}

export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

function rowsOf(messages, { newAfter = null, me = null, days = true }) {
  const rows = [];
  let before = null;
  let day = null;
  let isNewDrawn = newAfter === null;
  for (const message of messages) {
    let isCut = false;
    if (days && dayOf(message.ts) !== day) {
      day = dayOf(message.ts);
      rows.push({ key: `day ${day}`, kind: "day", day });
      isCut = true;
    }
    if (!isNewDrawn && message.ts > newAfter && message.user !== me) {
      rows.push({ key: "new", kind: "new" });
      isNewDrawn = true;
      isCut = true;
    }
    rows.push(messageRow(message, !isCut && areTogether(before, message)));
    before = message;
  }
  return rows;
}

function messageRow(message, isGrouped) {
  return { key: message.key, kind: "message", message, isGrouped };
}

/** Return whether the second message needs no author of its own: the same person, a moment later, of the same kind. */
function areTogether(one, other) {
  return (
    one !== null &&
    one.user === other.user &&
    one.only_you === other.only_you &&
    !one.broadcast &&
    !other.broadcast &&
    Number(other.ts) - Number(one.ts) < TOGETHER_S
  );
}

/** Return the local day of a `ts`, as `Thu Nov 26 2026`. */
function dayOf(ts) {
  return new Date(Number(ts) * 1000).toDateString();
}
