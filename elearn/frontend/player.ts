import { Player } from "./player/player.ts";
import type { PlayerConfig } from "./player/types.ts";

for (const section of document.querySelectorAll<HTMLElement>("[data-player]")) {
  const json = section.querySelector("[data-player-config]")?.textContent;
  if (json) new Player(section, JSON.parse(json) as PlayerConfig);
}
