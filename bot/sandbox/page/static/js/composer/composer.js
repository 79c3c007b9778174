// The composer, of a channel or of a thread: a text that grows, suggestions, and what was typed before.

import { h, icon, replace } from "../base/dom.js";
import { showToast } from "../base/toasts.js";
import { act } from "../state/api.js";
import { store } from "../state/store.js";
import { channelTitle } from "../state/words.js";
import { makeHistory } from "./input_history.js";
import { makeSuggestions } from "./suggestions.js";
import { complete, slashOf } from "./type_ahead.js";

const RECALL = "↑ in the composer brings back what was not sent.";

/** Make the composer of a place: `channel` or `thread`. */
export function makeComposer({ place }) {
  const hintId = `composer-hint-${place}`;
  const box = h("textarea", {
    rows: 1,
    class: "composer-text",
    enterkeyhint: "send",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    "aria-describedby": hintId,
  });
  const look = "button is-primary is-icon composer-send";
  const button = h("button", { type: "button", class: look, "aria-label": "Send" }, icon("send"));
  const hint = h("p", { class: "composer-hint", id: hintId });
  const notice = h("div", { class: "composer-notice", role: "alert", hidden: true });
  const suggestions = makeSuggestions(box, take);
  const history = makeHistory();
  let shown = null; // the place whose draft is in the box
  let from = 0; // where a suggestion begins
  let wantsLine = false;

  /** Follow what is on screen: another channel, thread or person has another draft. */
  function follow() {
    const key = keyOf(place);
    drawName();
    if (!key || `${store.me} ${key}` === shown) return;
    shown = `${store.me} ${key}`;
    history.reset();
    say(null);
    write(store.draft(key), { suggest: false });
  }

  function drawName() {
    const channel = store.channelOf(store.channel);
    const label = place === "thread" ? "Reply in thread" : `Message ${channel ? channelTitle(channel) : ""}`.trim();
    box.setAttribute("aria-label", label);
    box.placeholder = label;
  }

  /** Put a text into the box, with the caret at its end. */
  function write(text, { suggest = true } = {}) {
    box.value = text;
    box.setSelectionRange(text.length, text.length);
    changed({ suggest });
  }

  function changed({ suggest = true } = {}) {
    const key = keyOf(place);
    if (key && store.draft(key) !== box.value) store.draft(key, box.value);
    button.disabled = box.value.trim() === "";
    grow(box);
    const [before, after] = [box.value.slice(0, box.selectionEnd), box.value.slice(box.selectionEnd)];
    const found = complete(before, place);
    from = found.from;
    replace(hint, found.hint && [h("code", {}, found.hint.usage), ` ${found.hint.summary}`]);
    suggestions.show(suggest && document.activeElement === box && /^(\s|$)/.test(after) ? found.items : []);
  }

  /** Put a suggestion in the place of what was typed of it. */
  function take(item) {
    const end = box.selectionEnd;
    const rest = box.value.slice(end);
    const insert = rest.startsWith(" ") ? item.insert.trimEnd() : item.insert;
    box.focus();
    box.setSelectionRange(from, end);
    // The one way of inserting text that the browser's own undo knows; where it is gone, the text is set.
    if (!document.execCommand("insertText", false, insert)) box.setRangeText(insert, from, end, "end");
    changed();
  }

  async function send() {
    const text = box.value.trimEnd();
    if (text.trim() === "") return;
    const sent = shown;
    const slash = slashOf(text);
    history.remember(text);
    say(null);
    write("", { suggest: false });
    const where = { channel: store.channel, ...(place === "thread" && { thread_ts: store.thread }) };
    const answer = await act(slash ? "slash" : "say", { ...where, text }, { quiet: true });
    if (answer.ok) return;
    if (shown !== sent) {
      showToast(`${answer.problem} ${RECALL}`, { kind: "problem" });
      return;
    }
    const isFree = box.value === "";
    if (isFree) write(text, { suggest: false });
    say(answer.problem, isFree ? "" : RECALL, slash && place === "thread" ? slash.rest : null);
  }

  /** Say why nothing was sent; `mentioned` is a command that the bot would take as a mention. */
  function say(problem, more = "", mentioned = null) {
    notice.hidden = problem === null;
    if (problem === null) return void replace(notice);
    const line = mentioned === null ? null : `@${store.workspace.bot.name} ${mentioned}`.trim();
    replace(
      notice,
      h("p", {}, `${problem} ${more}`.trim()),
      line && h("button", { type: "button", class: "button", onclick: () => mention(line) }, `Type ${line} instead`),
    );
  }

  function mention(line) {
    say(null);
    box.focus();
    write(line);
  }

  function recall(text) {
    if (text === null) return false;
    write(text, { suggest: false });
    return true;
  }

  function pressed(event) {
    if (event.isComposing) return;
    const isPlain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    wantsLine = event.key === "Enter" && !isPlain;
    if (!isPlain) return;
    const isDone = suggestions.isOpen && pressedInList(event);
    if (isDone || pressedInText(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  function pressedInList({ key }) {
    if (key === "ArrowDown" || key === "ArrowUp") suggestions.move(key === "ArrowDown" ? 1 : -1);
    else if (key === "Escape") suggestions.close();
    else if (key === "Tab" && suggestions.best) take(suggestions.best);
    else if (key === "Enter" && suggestions.chosen) take(suggestions.chosen);
    else return false;
    return true;
  }

  function pressedInText({ key }) {
    if (key === "Enter") {
      send();
      return true;
    }
    const isOneLine = !box.value.includes("\n") || history.isOpen;
    if (key === "ArrowUp" && isOneLine) return recall(history.back(box.value));
    if (key === "ArrowDown" && isOneLine) return recall(history.forward(box.value));
    return false;
  }

  /** A phone's keyboard may bring Enter as a line break alone. */
  function beforeInput(event) {
    const isLine = event.inputType === "insertLineBreak" || event.inputType === "insertParagraph";
    if (!isLine || wantsLine || event.isComposing) return void (wantsLine = false);
    event.preventDefault();
    if (suggestions.chosen) take(suggestions.chosen);
    else send();
  }

  box.addEventListener("keydown", pressed);
  box.addEventListener("beforeinput", beforeInput);
  box.addEventListener("input", () => (history.reset(), changed()));
  box.addEventListener("click", () => changed());
  box.addEventListener("keyup", ({ key }) => /^(ArrowLeft|ArrowRight|Home|End)$/.test(key) && changed());
  box.addEventListener("blur", () => suggestions.close());
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => send());
  for (const topic of ["hello", "channels", "names", "view"]) store.on(topic, follow);
  if (place === "channel") {
    store.on("suggest", (text) => {
      if (store.home) store.open({});
      if (box.value.trim() && box.value !== text) history.remember(box.value);
      box.focus();
      write(text);
    });
  }
  follow();
  const row = h("div", { class: "composer-box" }, box, button);
  return h("div", { class: "composer" }, suggestions.parts, notice, row, hint);
}

/** Return the key of the draft: `channel` or `channel/thread`; null where nothing can be typed. */
function keyOf(place) {
  if (!store.me || !store.channel) return null;
  return place === "thread" ? store.thread && `${store.channel}/${store.thread}` : store.channel;
}

function grow(box) {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}
