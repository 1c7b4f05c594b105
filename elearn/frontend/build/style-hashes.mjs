// media-chrome's elements carry their styles as <style> blocks in shadow roots. A strict style-src lets them in by hash only,
// so the build reads the same templates the browser will read and hashes their blocks.
import { createHash } from "node:crypto";

/** Elements the player puts on the page, and those that these put into their own shadow roots. */
const ELEMENTS = [
  "captions-menu",
  "captions-menu-button",
  "chrome-menu-item",
  "controller",
  "fullscreen-button",
  "gesture-receiver",
  "mute-button",
  "pip-button",
  "play-button",
  "playback-rate-menu",
  "playback-rate-menu-button",
  "preview-chapter-display",
  "preview-thumbnail",
  "preview-time-display",
  "rendition-menu",
  "rendition-menu-button",
  "seek-backward-button",
  "seek-forward-button",
  "time-range",
  "tooltip",
  "volume-range",
];

/** CSP sources ("'sha256-…'") of every style block the player's elements bring, sorted. */
export async function mediaChromeStyleHashes() {
  const blocks = new Set();
  for (const name of ELEMENTS) {
    const folder = /menu/.test(name) ? "media-chrome/dist/menu" : "media-chrome/dist";
    const module = await import(`${folder}/media-${name}.js`);
    const html = module.default.getTemplateHTML({}, {});
    if (/<[^>]+\sstyle=/.test(html)) throw new Error(`media-${name} has an inline style attribute, which the CSP refuses`);
    for (const match of html.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)) blocks.add(match[1]);
  }
  return [...blocks].map((block) => `'sha256-${createHash("sha256").update(block).digest("base64")}'`).sort();
}
