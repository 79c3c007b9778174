// The menu on a person's own message: edit it in its place, or delete it.

import { makeIconButton } from "../base/buttons.js";
import { h } from "../base/dom.js";
import { askConfirm } from "../blocks/confirm.js";
import { act } from "../state/api.js";
import { store } from "../state/store.js";
import { asTyped } from "../text/escapes.js";

let menus = 0;
const edits = new Map(); // what is typed, by message: a message that is drawn anew goes on being edited

/** Return the menu of a message, or null for one that is not this person's own. */
export function messageMenu(message, channel = store.channel) {
  if (message.user !== store.me || message.bot || message.only_you) return null;
  menus += 1;
  const id = `message-menu-${menus}`; // a message can be drawn twice: in the channel, and in its thread
  const item = (label, choose) => {
    const onclick = () => (close(), choose());
    return h("button", { type: "button", role: "menuitem", class: "button is-quiet", tabindex: -1, onclick }, label);
  };
  const items = [
    item("Edit message", () => edit(menu, message, channel)),
    item("Delete message…", () => remove(message, channel)),
  ];
  const list = h("div", { id, role: "menu", class: "message-menu-list", "aria-label": "Message", hidden: true }, items);
  const opener = makeIconButton("more", "More actions", () => (list.hidden ? open() : close()), {
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    "aria-controls": id,
  });
  const menu = h("div", { class: "message-menu" }, opener, list);

  function close() {
    list.hidden = true;
    opener.setAttribute("aria-expanded", "false");
  }
  function open() {
    list.hidden = false;
    list.classList.toggle("is-above", opener.getBoundingClientRect().bottom > innerHeight - 140);
    opener.setAttribute("aria-expanded", "true");
    items[0].focus();
  }
  menu.addEventListener("focusout", ({ relatedTarget }) => menu.contains(relatedTarget) || close());
  list.addEventListener("keydown", (event) => {
    const place = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(place + step + items.length) % items.length].focus();
    else if (event.key === "Escape") (close(), opener.focus());
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  if (edits.has(keyOf(message, channel))) {
    queueMicrotask(() => menu.isConnected && edit(menu, message, channel, { focus: false }));
  }
  return menu;
}

function keyOf(message, channel) {
  return `${store.me} ${channel} ${message.ts}`;
}

/** Put an editor in the place of the message's body, until it is saved or given up. */
function edit(menu, message, channel, { focus = true } = {}) {
  const article = menu.closest("article");
  if (!article || article.querySelector(".message-edit")) return;
  const key = keyOf(message, channel);
  const typed = asTyped(message.text, store.names);
  const value = edits.get(key) ?? typed;
  const box = h("textarea", { class: "composer-text", "aria-label": "Edit message", rows: 1, value });
  const cancel = h("button", { type: "button", class: "button", onclick: end }, "Cancel");
  const save = h("button", { type: "button", class: "button is-primary", onclick: saveEdit }, "Save");
  const form = h("div", { class: "message-edit" }, box, h("div", { class: "message-edit-buttons" }, cancel, save));

  function end() {
    edits.delete(key);
    form.remove();
    article.classList.remove("is-edited");
    article.querySelector(".message-menu button")?.focus();
  }
  async function saveEdit() {
    const text = box.value.trimEnd();
    if (text.trim() === "") return remove(message, channel);
    if (text === typed) return end();
    save.disabled = true;
    edits.delete(key); // the message is drawn anew, as it is then, before the answer is here
    const answer = await act("edit", { channel, ts: message.ts, text });
    save.disabled = false;
    if (answer.ok) return end();
    edits.set(key, box.value);
  }
  edits.set(key, box.value);
  box.addEventListener("input", () => edits.set(key, box.value));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") end();
    else if (event.key === "Enter" && !event.shiftKey) saveEdit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  article.classList.add("is-edited");
  article.querySelector(".message-main").append(form);
  if (!focus) return;
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}

async function remove(message, channel) {
  const confirmed = await askConfirm({
    title: { type: "plain_text", text: "Delete message" },
    text: { type: "plain_text", text: "Are you sure you want to delete this message? This cannot be undone." },
    confirm: { type: "plain_text", text: "Delete" },
    deny: { type: "plain_text", text: "Cancel" },
    style: "danger",
  });
  if (!confirmed) return;
  edits.delete(keyOf(message, channel));
  await act("delete", { channel, ts: message.ts });
}
