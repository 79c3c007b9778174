// Emoji: short names (`:wave:`) as characters, and the signs of a session's state as pictures.
//
// A name that is not listed stays as it was typed. The pictures, like Slack's, need no font with emoji; their character
// stays in the text, to be found, copied and read aloud.

import { h } from "../base/dom.js";

// prettier-ignore
const CHARACTERS = new Map(
  Object.entries({
    "+1": "👍", "-1": "👎", "100": "💯", alarm_clock: "⏰", arrow_down: "⬇️", arrow_right: "➡️", arrow_up: "⬆️",
    arrows_counterclockwise: "🔄", bangbang: "‼️", bar_chart: "📊", bell: "🔔", blue_heart: "💙", bug: "🐛",
    bulb: "💡", calendar: "📆", checkered_flag: "🏁", clap: "👏", clipboard: "📋", cry: "😢", exclamation: "❗",
    eyes: "👀", file_folder: "📁", fire: "🔥", gear: "⚙️", green_heart: "💚", grin: "😁", hammer_and_wrench: "🛠️",
    hand: "✋", heart: "❤️", heavy_check_mark: "✔️", hourglass: "⌛", hourglass_flowing_sand: "⏳",
    information_source: "ℹ️", joy: "😂", key: "🔑", large_blue_circle: "🔵", large_green_circle: "🟢",
    large_orange_circle: "🟠", large_yellow_circle: "🟡", link: "🔗", lock: "🔒", mag: "🔍", mega: "📣", memo: "📝",
    mute: "🔇", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", ok_hand: "👌", package: "📦", phone: "☎️",
    point_right: "👉", pray: "🙏", pushpin: "📌", question: "❓", raised_hands: "🙌", red_circle: "🔴", repeat: "🔁",
    robot_face: "🤖", rocket: "🚀", rotating_light: "🚨", see_no_evil: "🙈", simple_smile: "🙂",
    slightly_smiling_face: "🙂", smile: "😄", smiley: "😃", sob: "😭", sparkles: "✨", speech_balloon: "💬",
    star: "⭐", stopwatch: "⏱️", tada: "🎉", telephone: "☎️", telephone_receiver: "📞", thinking_face: "🤔",
    thumbsdown: "👎", thumbsup: "👍", ticket: "🎫", unlock: "🔓", warning: "⚠️", wave: "👋", white_check_mark: "✅",
    white_circle: "⚪", wink: "😉", wrench: "🔧", x: "❌", zap: "⚡", zzz: "💤",
  }),
);

/** Return the character of a short name, or null. */
export function emojiCharacter(name) {
  return CHARACTERS.get(name) ?? null;
}

/** Return a text in which the known short names between colons are characters. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]{1,40}):/g, (typed, name) => CHARACTERS.get(name) ?? typed);
}

// prettier-ignore
const SIGNS = new Map(Object.entries({
  "🟢": "circle-green", "🟡": "circle-yellow", "🟠": "circle-orange", "🔴": "circle-red", "🔵": "circle-blue",
  "⏳": "hourglass", "📁": "folder", "🏁": "flag", "🚫": "forbidden", "❓": "question", "✅": "done", "❌": "cross",
  "⚠️": "warning", "⚠": "warning",
}));
const SIGN = new RegExp(`(${[...SIGNS.keys()].join("|")})`, "u");

/** Return a text as a list of strings and, for the signs in it, elements. */
export function withSigns(text) {
  if (!SIGN.test(text)) return [text];
  const drawn = (part) => (SIGNS.has(part) ? h("span", { class: ["sign", `sign-${SIGNS.get(part)}`] }, part) : part);
  return text.split(SIGN).filter(Boolean).map(drawn);
}
