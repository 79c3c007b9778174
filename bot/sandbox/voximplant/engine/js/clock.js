// The time: `Date` follows the session's clock, and its local time is UTC (documented).

let ahead = 0; // milliseconds of the session's clock before this machine's
const nativeNow = NativeDate.now;
const offsetOf = unbound(NativeDate.prototype.getTimezoneOffset);

function setClock(now) {
  ahead = numberOf(now) - nativeNow();
}

function present() {
  const now = nativeNow() + ahead;
  return now - (now % 1); // whole milliseconds
}

const utc = NativeDate.UTC;
const nativeParse = NativeDate.parse;
const hasZone = unbound(RegExp.prototype.test);
const ZONE = /(?:Z|GMT|UTC?|[+-]\d\d:?\d\d(?: \(.*\))?)\s*$|^\s*\d{4}(?:-\d\d(?:-\d\d)?)?\s*$/i;

// A text without a time zone means UTC, not this machine's time.
function parseDate(text) {
  const time = nativeParse(text);
  if (time !== time || hasZone(ZONE, textOf(text))) return time;
  return time - offsetOf(new NativeDate(time)) * 60_000;
}

function timeOf(given) {
  if (given.length === 0) return present();
  if (given.length > 1) return apply(utc, NativeDate, given);
  const value = given[0];
  return typeof value === "string" ? parseDate(value) : value;
}

// The machine's zone at the end of a text is the session's: UTC.
function zoneless(text) {
  const zone = textIndex(text, "GMT");
  return zone < 0 ? text : `${textSlice(text, 0, zone)}GMT+0000`;
}

const SessionDate = new NativeProxy(NativeDate, {
  construct: (target, given, made) => construct(target, [timeOf(given)], made),
  apply: () => textOf(new SessionDate()),
});
NativeDate.now = present;
NativeDate.parse = parseDate;
NativeDate.prototype.constructor = SessionDate;

const FIELDS = ["Date", "Day", "FullYear", "Hours", "Milliseconds", "Minutes", "Month", "Seconds"];
for (let i = 0; i < FIELDS.length; i += 1) {
  NativeDate.prototype[`get${FIELDS[i]}`] = NativeDate.prototype[`getUTC${FIELDS[i]}`];
  if (FIELDS[i] !== "Day") NativeDate.prototype[`set${FIELDS[i]}`] = NativeDate.prototype[`setUTC${FIELDS[i]}`];
}
const TEXTS = ["toString", "toDateString", "toTimeString", "toLocaleString", "toLocaleDateString", "toLocaleTimeString"];
for (let i = 0; i < TEXTS.length; i += 1) {
  const native = unbound(NativeDate.prototype[TEXTS[i]]);
  NativeDate.prototype[TEXTS[i]] = function () {
    const time = numberOf(this);
    return zoneless(native(new NativeDate(time + offsetOf(new NativeDate(time)) * 60_000)));
  };
}
NativeDate.prototype.getTimezoneOffset = () => 0;
world.Date = SessionDate;
