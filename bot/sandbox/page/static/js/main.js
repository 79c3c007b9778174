// The page: every part is made once, and follows the store from then on.

import { makeComposer } from "./composer.js";
import { replace } from "./dom.js";
import { watchDrops } from "./drop.js";
import { drawModals } from "./forms.js";
import { drawHome } from "./home.js";
import { follow } from "./live.js";
import { drawMessage } from "./message.js";
import { store } from "./store.js";
import { drawWorld } from "./world/drawer.js";
import { drawDrill } from "./world/drill.js";

const place = (id) => document.getElementById(id);

drawDrill(place("drill"));
drawWorld(place("world"));
drawModals(place("modals"));
drawHome(place("home"));
place("composer").append(makeComposer({ place: "channel" }));
watchDrops(document.body);
store.on("channels", () => store.channel ?? store.open({ channel: store.channels[0]?.id }));
store.on("messages", () => replace(place("timeline"), store.messages(store.channel).map((each) => drawMessage(each))));
follow(null);
