// The type-ahead of a line: what may come next, made from the usage lines that the bot's help has.

import { store } from "../state/store.js";
import { sessionsSeen } from "./sessions_seen.js";
import { fitting, wordsOf } from "./typed_words.js";
import { readUsage } from "./usage.js";

const OF_ENDED = new Set(["again"]); // a session that is over is started once more
const OF_ANY = new Set(["status", "log", "audit", "refresh"]);
const NOTHING = { items: [], hint: null };

/**
 * Return the suggestions for a text whose caret is at its end: `items`, each with the text that it inserts at `from`,
 * and `hint`, the usage and summary of the verb whose arguments are being typed. An item that `isSafe` completes a
 * beginning, and nothing else.
 */
export function complete(text, place) {
  if (text.startsWith("/")) return place === "thread" ? insteadInThread(text) : completeSlash(text);
  return completeMention(text);
}

/** Return a slash command's own part of a line, `{word, rest}`, or null for any other text. */
export function slashOf(text) {
  const found = /^(\/\S*)(\s[\s\S]*)?$/.exec(text);
  return found && { word: found[1], rest: (found[2] ?? "").trim() };
}

function insteadInThread(text) {
  const { name } = store.workspace.bot;
  const detail = "Commands with / do not work in threads: mention the bot";
  const item = { insert: `@${name} ${slashOf(text).rest}`, label: `@${name}`, detail, isSafe: false };
  return { items: [item], from: 0, hint: null };
}

function completeSlash(text) {
  const command = store.commands.find(({ word }) => text.startsWith(word) && /^\s/.test(text.slice(word.length)));
  if (command) return completeArguments(text, command.word.length, command);
  if (/\s/.test(text)) return NOTHING;
  const items = store.commands.map(({ word, verbs }) => ({
    text: word,
    insert: `${word} `,
    label: word,
    detail: verbs.length === 0 ? store.workspace.bot.name : `${verbs.slice(0, 4).map(({ name }) => name).join(", ")}…`,
  }));
  return offer(fitting(text, items), 0, text, null);
}

/** People and the bot behind an `@`; behind the bot's own name come its commands. */
function completeMention(text) {
  const { bot } = store.workspace;
  const start = `@${bot.name}`;
  if (text.startsWith(start) && /^\s/.test(text.slice(start.length)) && store.commands[0]) {
    return completeArguments(text, start.length, store.commands[0]);
  }
  const found = /(^|[\s(])@([\w.-]*)$/.exec(text);
  if (!found) return NOTHING;
  const people = store.people.map(({ id, name, about, role }) => ({ id, name, detail: about || role }));
  const items = [{ ...bot, detail: "the bot" }, ...people].map(({ name, detail }) => ({
    text: name,
    insert: `@${name} `,
    label: `@${name}`,
    detail,
  }));
  return offer(fitting(found[2], items), text.length - found[2].length - 1, found[2], null);
}

function completeArguments(text, start, command) {
  const words = wordsOf(text.slice(start));
  const last = words.at(-1);
  const isInWord = last !== undefined && start + last.end === text.length && last.isOpen;
  const typed = isInWord ? last.text : "";
  const from = isInWord ? start + last.start : text.length;
  const before = (isInWord ? words.slice(0, -1) : words).map((each) => each.text);
  if (before.length === 0) return offer(fitting(typed, verbItems(command)), from, typed, null);
  const verb = command.verbs.find(({ name }) => name === before[0].toLowerCase());
  if (!verb) return NOTHING;
  const found = offered(verb, before.slice(1), typed, command);
  return offer(fitting(found.typed, found.items), from, found.typed, hintOf(verb, before.slice(1)));
}

/** Return what the verb does, and those of its forms that the words so far can have. */
function hintOf(verb, words) {
  const forms = readUsage(verb.usage, words).map(({ text }) => text);
  return { usage: forms.length === 0 ? verb.usage : `${verb.name} ${forms.join(" | ")}`.trim(), summary: verb.summary };
}

/**
 * Only what completes the beginning of a word that could not stand there as it is, is safe to take with Enter. Numbers
 * can, and so can what is `byTab`: options, whose names are words of their own for the bot, and parts of a rule's name.
 */
function offer(items, from, typed, hint) {
  const isTyped = (item) => item.text.toLowerCase() === typed.toLowerCase();
  const isWhole = typed === "" || /^#?\d+$/.test(typed) || items.some(isTyped);
  const shown = items.filter((item) => !isTyped(item));
  return { items: shown.map((item) => ({ ...item, isSafe: !isWhole && item.fit === 0 && !item.byTab })), from, hint };
}

function verbItems(command) {
  return command.verbs.map(({ name, usage, summary }) => ({
    text: name,
    insert: `${name} `,
    label: name,
    more: usage.slice(name.length),
    detail: summary,
  }));
}

/** Return the items for the word at the end, in each alternative of the usage that fits the words before it. */
function offered(verb, before, typed, command) {
  const option = /^([a-z]+=)(.*)$/i.exec(typed);
  const items = new Map();
  for (const { next } of readUsage(verb.usage, before)) {
    const named = option && next.find((slot) => slot.kind === "option" && slot.name === option[1].toLowerCase());
    if (named) return { typed: option[2], items: valueItems(named, typed.slice(0, option[1].length)) };
    for (const slot of next) for (const item of slotItems(slot, verb, before, command)) items.set(item.insert, item);
  }
  return { typed, items: [...items.values()] };
}

function slotItems(slot, verb, before, command) {
  const meaning = verb.options.find(([word]) => word === slot.name)?.[1];
  switch (slot.kind) {
    case "id": return sessionItems(verb, before);
    case "rule": return ruleItems();
    case "verb": return verbItems(command);
    case "word": return [valueItem(slot.word, slot.word, "every session that fits")];
    case "flag": return [valueItem(slot.name, `${slot.name} ${slot.example}`, meaning)];
    case "option": {
      const label = `${slot.name}${slot.values.join("|") || "…"}`;
      return [{ text: slot.name, insert: slot.name, label, detail: meaning, byTab: true }];
    }
    default: return [];
  }
}

function valueItem(text, label, detail) {
  return { text, insert: `${text} `, label, detail };
}

function sessionItems(verb, before) {
  const seen = sessionsSeen(store.channel).filter(({ number, isOver }) => {
    const isWanted = OF_ANY.has(verb.name) || isOver === OF_ENDED.has(verb.name);
    return isWanted && !before.includes(number) && !before.includes(`#${number}`);
  });
  return seen.map(({ number, rule, state }) => ({
    text: number,
    also: [`#${number}`, rule],
    insert: `${number} `,
    label: `#${number}`,
    detail: `${rule} – ${state}`,
  }));
}

function ruleItems() {
  const rules = store.scenarios?.rules ?? [];
  return rules.map(({ id, name, typed, application, scenarios }) => {
    const detail = `rule ${id} in ${application}${scenarios.length > 1 ? `, ${scenarios.length} scenarios` : ""}`;
    return { text: name, also: [String(id)], insert: `${typed} `, label: name, detail };
  });
}

/** The values of an option that are known: those of its usage, the people of `by=`, the rules of `rule=`. */
function valueItems(slot, name) {
  const values = slot.values.map((value) => optionItem(name, value, value, /^\d/.test(value)));
  if (slot.name === "rule=") {
    return ruleItems().map((item) => ({ ...item, insert: `${name}${item.insert}`, byTab: true }));
  }
  if (slot.name !== "by=") return values;
  const people = store.people.map((person) => optionItem(name, person.id, person.name, false, `@${person.name}`));
  return [...values, ...people];
}

function optionItem(name, value, text, byTab, detail = null) {
  return { text, insert: `${name}${value} `, label: `${name}${value}`, detail, byTab };
}
