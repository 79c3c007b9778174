// The choices of each kind of select: its own options, the bot's answer to a search, the people, the channels.

import { act } from "../state/api.js";
import { store } from "../state/store.js";
import { plainText } from "../text/texts.js";
import { bodyOf } from "./press.js";
import { asChoice, named } from "./values.js";

const LEAST_QUERY = 3; // Slack's, for an external select that names none
const KINDS = { public: "public", private: "private", shared: "public", dm: "im" };

const SOURCES = {
  static_select: (element) =>
    local(element.option_groups ? groupsOf(element.option_groups) : [group(null, element.options)]),
  external_select: external,
  users_select: () => local([{ label: null, choices: store.people.map((person) => named(person.id)) }]),
  conversations_select: (element) => local([{ label: null, choices: channelsFor(element.filter ?? {}) }]),
};

/**
 * Return the choices of a select: `{least, isRemote, find(query)}`. `find` returns `{groups, problem?}`, or a promise of it; a
 * group is `{label, choices}`. A query shorter than `least` finds nothing.
 */
export function sourceOf(element, place) {
  return SOURCES[element.type](element, place);
}

function external(element, place) {
  const find = async (query) => {
    const answer = await act("search", { ...bodyOf(element, place), query }, { quiet: true });
    if (!answer.ok) return { groups: [], problem: answer.problem };
    return { groups: answer.groups?.length ? groupsOf(answer.groups) : [group(null, answer.options ?? [])] };
  };
  return { least: element.min_query_length ?? LEAST_QUERY, isRemote: true, find };
}

function local(groups) {
  const find = (query) => {
    const words = query.trim().toLowerCase();
    const fits = (choice) => choice.label.toLowerCase().includes(words);
    return { groups: groups.map(({ label, choices }) => ({ label, choices: choices.filter(fits) })) };
  };
  return { least: 0, isRemote: false, find };
}

function groupsOf(groups) {
  return groups.map(({ label, options }) => group(typeof label === "string" ? label : plainText(label), options));
}

function group(label, options) {
  return { label, choices: options.map(asChoice) };
}

function channelsFor({ include, exclude_bot_users: withoutBots }) {
  const isOffered = ({ kind, archived, with: other }) =>
    !archived && (!include || include.includes(KINDS[kind])) && !(withoutBots && other === store.workspace.bot.id);
  return store.channels.filter(isOffered).map((channel) => named(channel.id));
}
