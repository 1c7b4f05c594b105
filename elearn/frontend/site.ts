import { outboxOf } from "./player/person-outbox.ts";
import { autosaveForms } from "./site/autosave.ts";
import { busyButtons } from "./site/busy.ts";
import { exitThisPage } from "./site/exit.ts";
import { feedbackForms } from "./site/feedback.ts";
import { menus } from "./site/menus.ts";
import { passkeyForms } from "./site/passkeys.ts";
import { markedPassages } from "./site/passage.ts";
import { patternExamples } from "./site/pattern.ts";
import { priceForms } from "./site/price.ts";
import { progressPages } from "./site/progress.ts";
import { privatePages } from "./site/private.ts";
import { colourScheme } from "./site/scheme.ts";
import { tickAll } from "./site/tick-all.ts";

privatePages();
exitThisPage();
menus();
colourScheme();
busyButtons();
progressPages();
autosaveForms();
tickAll();
passkeyForms();
priceForms();
patternExamples();
feedbackForms();
markedPassages();

// What an earlier page could not send goes out from any page of the same person; the player's page does it itself.
const names = document.body.dataset["personKeys"]?.split(" ").filter(Boolean) ?? [];
if (names.length > 0 && !document.querySelector("[data-player]")) outboxOf(names, "");
