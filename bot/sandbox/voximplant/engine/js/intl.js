// Intl: the engine here has none, the platform's (SpiderMonkey) does, as far as is known. Enough of it for the local
// time of a time zone; every language is written as English.

const PARTS = ["year", "month", "day", "hour", "minute", "second"];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

function DateTimeFormat(locale, options) {
  note("Intl.DateTimeFormat");
  const given = options ?? {};
  const timeZone = textOf(given.timeZone ?? "UTC");

  function formatToParts(date) {
    const iso = getLocalTime(timeZone, date ?? present()).toISOString(); // 2026-01-31T02:14:00.000Z
    const numbers = [0, 5, 8, 11, 14, 17];
    const parts = [];
    if (given.weekday !== undefined) put("weekday", weekday(iso, given.weekday));
    for (let i = 0; i < PARTS.length; i += 1) {
      const wanted = isPlain() ? i < 3 : given[PARTS[i]] !== undefined;
      if (wanted) put(PARTS[i], textSlice(iso, numbers[i], numbers[i] + (i === 0 ? 4 : 2)));
    }
    return parts;

    function put(type, value) {
      if (parts.length > 0) append(parts, { type: "literal", value: " " });
      append(parts, { type, value });
    }
  }

  function isPlain() {
    if (given.weekday !== undefined) return false;
    for (let i = 0; i < PARTS.length; i += 1) if (given[PARTS[i]] !== undefined) return false;
    return true;
  }

  return {
    formatToParts,
    format(date) {
      const parts = formatToParts(date);
      let text = "";
      for (let i = 0; i < parts.length; i += 1) text += parts[i].value;
      return text;
    },
    resolvedOptions: () => ({ locale: textOf(locale ?? "en-US"), timeZone }),
  };
}

function weekday(iso, length) {
  const name = WEEKDAYS[new NativeDate(iso).getUTCDay()];
  return length === "long" ? name : textSlice(name, 0, length === "narrow" ? 1 : 3);
}

function NumberFormat(locale) {
  note("Intl.NumberFormat");
  return { format: textOf, resolvedOptions: () => ({ locale: textOf(locale ?? "en-US") }) };
}

world.Intl = { DateTimeFormat, NumberFormat };
