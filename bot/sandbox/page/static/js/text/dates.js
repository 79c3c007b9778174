// Moments in the reader's own time zone: Slack's date tokens, and the times beside messages.
//
// The tokens are those that Slack documents for `<!date^…>` and for dates of rich text. A token that is not among
// them makes the whole date its fallback. Whether hours count to 12 or 24 follows the browser's locale.

import { h } from "../base/dom.js";
import { store } from "../state/store.js";
import { drawLink } from "./links.js";

const COUNTS_TO_12 = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hour12;
const TOKEN = /\{([a-z_]+)\}/g;

const words = (options) => {
  const format = new Intl.DateTimeFormat("en", options);
  return (date) => format.format(date);
};
const time = (options) =>
  words({
    ...options,
    minute: "2-digit",
    hour: COUNTS_TO_12 ? "numeric" : "2-digit",
    hourCycle: COUNTS_TO_12 ? "h12" : "h23",
  });
const weekday = words({ weekday: "long" });
const month = words({ month: "long" });
const two = (number) => String(number).padStart(2, "0");

const long = (date) => `${weekday(date)}, ${plain(date)}`;
const plain = (date) => `${monthDay(date)}, ${date.getFullYear()}`;
const monthDay = (date) => `${month(date)} ${date.getDate()}${ordinal(date.getDate())}`;
const short = words({ month: "short", day: "numeric", year: "numeric" });
const pretty = (otherwise) => (date, now) => nearDay(date, now) ?? otherwise(date);

const TOKENS = {
  date_num: (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
  date_slash: (date) => new Intl.DateTimeFormat(undefined, { dateStyle: "short" }).format(date),
  date: plain,
  date_short: short,
  date_long: long,
  date_long_full: words({ dateStyle: "long" }),
  date_pretty: pretty(plain),
  date_short_pretty: pretty(short),
  date_long_pretty: pretty(long),
  day_divider_pretty: pretty((date) =>
    date.getFullYear() === new Date(store.now()).getFullYear() ? `${weekday(date)}, ${monthDay(date)}` : long(date),
  ),
  time: time({}),
  time_secs: time({ second: "2-digit" }),
  ago,
};

export const clockTime = TOKENS.time;
export const shortTime = (date) => clockTime(date).replace(/\s[AP]M$/, "");
export const fullMoment = (date) => `${long(date)} at ${TOKENS.time_secs(date)}`;
export const dayName = (date) => TOKENS.day_divider_pretty(date, new Date(store.now()));

/** Return a template with its tokens filled in, or null where that is not possible. */
export function formatMoment(seconds, template, now = new Date(store.now())) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const known = [...template.matchAll(TOKEN)].every(([, token]) => Object.hasOwn(TOKENS, token));
  return known ? template.replace(TOKEN, (_, token) => TOKENS[token](date, now)) : null;
}

/** Return a moment in the reader's time zone, or its fallback. */
export function drawMoment(seconds, template, { link, fallback }) {
  const shown = formatMoment(seconds, template);
  if (shown === null) return h("span", {}, fallback);
  const date = new Date(Number(seconds) * 1000);
  const node = h("time", { datetime: date.toISOString(), title: fullMoment(date) }, shown);
  return (link && drawLink(link, node)) || node;
}

function nearDay(date, now) {
  const days = Math.round((midnight(date) - midnight(now)) / 86_400_000);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? null;
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function ordinal(day) {
  return day > 10 && day < 14 ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th");
}

function ago(date, now) {
  const seconds = Math.round((date - now) / 1000);
  const [size, unit] = [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
  ].find(([size]) => Math.abs(seconds) >= size) ?? [1, "second"];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}
