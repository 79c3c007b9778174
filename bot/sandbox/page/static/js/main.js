// The page: every part is made once, and follows the store from then on.

import { h } from "./base/dom.js";
import { focusComposer } from "./base/focus.js";
import { makeComposer } from "./composer/composer.js";
import { announceIn } from "./shell/announce.js";
import { drawBanner } from "./shell/banner.js";
import { makeSwitcher } from "./shell/channel_switcher.js";
import { drawChannels } from "./shell/channels.js";
import { drawHints } from "./shell/first_steps.js";
import { drawHeader } from "./shell/header.js";
import { drawNotes } from "./shell/notes.js";
import { makeDrawer, makeWorldPane } from "./shell/panes.js";
import { startRoute } from "./state/route.js";
import { store } from "./state/store.js";
import { drawConversation } from "./timeline/conversation.js";
import { drawThread } from "./timeline/thread.js";
import { drawHome } from "./views/home.js";
import { drawModals } from "./views/modals.js";
import { drawWorld } from "./world/drawer.js";
import { drawDrill } from "./world/drill.js";
import { watchDrops } from "./world/drop.js";

const FIRST_FRAMES_MS = 60;

const place = (id) => document.getElementById(id);

const header = drawHeader(place("header"), {
  onMenu: () => drawer.open(),
  onSearch: makeSwitcher(document.body),
  onWorld: () => worldPane.toggle(),
});
const drawer = makeDrawer(place("channels"), {
  button: () => header.menu,
  behind: [place("skips"), place("top"), place("main"), place("thread"), place("world")],
});
const worldPane = makeWorldPane(place("world"), { button: () => header.worldButton });

drawBanner(place("banner"));
drawDrill(place("drill"));
drawChannels(place("channels"), { onPick: pick, onClose: drawer.close });
drawNotes(place("channels").appendChild(h("div", { class: "notes" })));
drawWorld(worldPane.place);
drawHome(place("home"));
drawModals(place("modals"));
place("composer").append(makeComposer({ place: "channel" }));
const conversation = drawConversation(place("timeline"), { bar: place("bar"), composer: place("composer") });
drawThread(place("thread"), { focusParent: conversation.focusOn });
drawHints(place("hints"), { reveal: conversation.reveal });
announceIn(place("announcer"));
watchDrops(document.body);
store.on("dropped", worldPane.show);

store.on("view", () => {
  place("home").hidden = !store.home;
  for (const id of ["timeline", "foot"]) place(id).hidden = store.home;
});
store.on("bot", () => setTimeout(begin, FIRST_FRAMES_MS));
store.on("drill", () => requestAnimationFrame(begin)); // the last of the first frames, where there can be a drill
for (const skip of document.querySelectorAll(".skip"))
  skip.addEventListener("click", () => focusFirst(place(skip.dataset.to)));

function begin() {
  if (document.body.classList.contains("is-ready")) return;
  document.body.classList.add("is-ready");
  if (document.activeElement === document.body && !store.home) focusComposer();
}

function pick() {
  drawer.close();
  if (!store.home) focusComposer();
}

function focusFirst(root) {
  root.querySelector('[aria-current="page"], article[tabindex="0"], textarea, a, button')?.focus();
}

startRoute();
