import "media-chrome/dist/media-controller.js";
import "media-chrome/dist/media-fullscreen-button.js";
import "media-chrome/dist/media-mute-button.js";
import "media-chrome/dist/media-pip-button.js";
import "media-chrome/dist/media-play-button.js";
import "media-chrome/dist/media-seek-backward-button.js";
import "media-chrome/dist/media-seek-forward-button.js";
import "media-chrome/dist/media-time-range.js";
import "media-chrome/dist/media-volume-range.js";
import "media-chrome/dist/menu/media-captions-menu-button.js";
import "media-chrome/dist/menu/media-captions-menu.js";
import "media-chrome/dist/menu/media-chrome-menu-item.js";
import "media-chrome/dist/menu/media-playback-rate-menu-button.js";
import "media-chrome/dist/menu/media-playback-rate-menu.js";
import "media-chrome/dist/menu/media-rendition-menu-button.js";
import "media-chrome/dist/menu/media-rendition-menu.js";
import { addTranslation, setLanguage } from "media-chrome/dist/utils/i18n.js";
import { icons } from "./icons.ts";
import { Renditions } from "./renditions.ts";
import { mediaChromeTexts, type Texts } from "./strings.ts";
import type { PlayerConfig } from "./types.ts";

/** Everything of the player that other parts write to. */
export interface Stage {
  controller: HTMLElement;
  /** Where the focus goes so that the player's keys work. */
  keys: HTMLElement;
  video: HTMLVideoElement;
  renditions: Renditions;
  pill: HTMLButtonElement;
  seekBar: SVGElement;
  /** What is dragged along the seek bar, or moved by keys. */
  timeRange: HTMLElement;
  time: HTMLElement;
  chapter: HTMLElement;
  rate: HTMLElement;
}

/** Letters media-chrome would also react to; the player promises space, arrows, c, m and f only. */
const KEYS_LEFT_OUT = "nok noj nol nop no< no> noshift+/";

/** Tooltips of buttons with two states hold both words, and with the icon's '10' more than the name: those are left out. */
const CONTROLS = `
<div class="bar">
  <div class="sk">
    <svg class="seek" viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true"></svg>
    <media-time-range></media-time-range>
  </div>
  <div class="btns">
    <media-play-button notooltip>${icons.play}${icons.pause}</media-play-button>
    <media-seek-backward-button seekoffset="10" notooltip>${icons.back}</media-seek-backward-button>
    <media-seek-forward-button seekoffset="10" notooltip>${icons.forward}</media-seek-forward-button>
    <span class="time"></span><span class="chn"></span><span class="sp"></span>
    <media-mute-button class="wide" notooltip>${icons.loud}${icons.silent}</media-mute-button>
    <media-volume-range class="wide"></media-volume-range>
    <media-captions-menu-button class="cc">${icons.captionsOn}${icons.captionsOff}</media-captions-menu-button>
    <media-playback-rate-menu-button class="tx"><span slot="icon" class="rate">1×</span></media-playback-rate-menu-button>
    <media-rendition-menu-button class="wide">${icons.quality}</media-rendition-menu-button>
    <media-pip-button class="wide" notooltip>${icons.pictureIn}${icons.pictureOut}</media-pip-button>
    <media-fullscreen-button notooltip>${icons.screenFull}${icons.screenPart}</media-fullscreen-button>
  </div>
</div>
<media-captions-menu hidden anchor="auto"></media-captions-menu>
<media-playback-rate-menu hidden anchor="auto" rates="0.75 1 1.25 1.5 1.75 2"></media-playback-rate-menu>
<media-rendition-menu hidden anchor="auto"></media-rendition-menu>`;

/**
 * Put the controls over the poster and the play button that the server rendered in [data-player-stage].
 *
 * Nothing of the film is fetched here.
 */
export function buildStage(box: HTMLElement, config: PlayerConfig, texts: Texts): Stage {
  addTranslation(config.language, mediaChromeTexts(texts) as never);
  setLanguage(config.language);

  const poster = find<HTMLImageElement>(box, "img");
  const pill = find<HTMLButtonElement>(box, "[data-play]");
  const label = box.getAttribute("aria-label") ?? "";
  const video = document.createElement("video");
  video.slot = "media";
  video.preload = "none";
  video.playsInline = true;
  const renditions = new Renditions();
  Object.defineProperty(video, "videoRenditions", { value: renditions });

  const controller = document.createElement("media-controller");
  controller.setAttribute("defaultduration", String(config.duration));
  controller.setAttribute("hotkeys", KEYS_LEFT_OUT);
  // The captions' language is chosen in captions.ts.
  controller.setAttribute("nosubtitleslangpref", "");
  controller.setAttribute("lang", config.language);
  poster.slot = "poster";
  pill.slot = "centered-chrome";
  pill.setAttribute("noautohide", "");
  controller.append(video, poster, pill, fragment(CONTROLS));
  box.append(controller);
  // The box was the landmark until now; media-chrome makes its own element one.
  box.removeAttribute("role");
  box.removeAttribute("aria-label");
  controller.setAttribute("aria-label", label);
  // Menus without submenus need no way back, least of all one that speaks English only.
  for (const menu of controller.querySelectorAll("[role=menu]")) {
    const back = menu.shadowRoot?.querySelector("button[part~=back]");
    back?.replaceWith(...back.querySelectorAll("slot[name=title]"));
  }

  return {
    controller,
    keys: find(controller, "media-play-button"),
    video,
    renditions,
    pill,
    seekBar: find(controller, ".seek"),
    timeRange: find(controller, "media-time-range"),
    time: find(controller, ".time"),
    chapter: find(controller, ".chn"),
    rate: find(controller, ".rate"),
  };
}

function fragment(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  return document.importNode(template.content, true);
}

function find<T extends Element>(root: Element, selector: string): T {
  const element = root.querySelector<T>(selector);
  if (!element) throw new Error(`The player's markup lacks ${selector}`);
  return element;
}
