// The switch of the person this tab acts as; another tab may be another person.

import { h, replace } from "../base/dom.js";
import { actAs } from "../state/route.js";
import { store } from "../state/store.js";

/** Make the switch: a labelled select, and a phrase on what the person may do. */
export function makePersonSwitch() {
  const about = h("p", { class: "person-about", id: "person-about" });
  const select = h("select", { id: "person", "aria-describedby": "person-about", onchange: () => actAs(select.value) });
  const element = h("div", { class: "person" }, h("label", { for: "person" }, "Act as"), select, about);

  function show() {
    const people = store.people.map(({ id, name }) => h("option", { value: id, selected: id === store.me }, name));
    replace(select, people);
    const me = store.personOf(store.me);
    replace(about, me?.about ?? "");
  }

  store.on("hello", show);
  store.on("people", show);
  return element;
}
