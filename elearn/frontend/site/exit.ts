import { forgetDrafts } from "./feedback.ts";
import { text } from "./texts.ts";

const PRESSES = 3;
const WITHIN_MS = 5000;
const NEUTRAL_TITLE = "–";

/**
 * 'Leave this page', after GOV.UK's pattern: the link, and Shift three times within five seconds, cover the page at once,
 * end the session and put a neutral page in this one's place. Without script the link alone does it.
 */
export function exitThisPage(): void {
  const link = document.querySelector<HTMLAnchorElement>("a[data-exit]");
  if (!link) return;
  const status = liveRegion();
  const leave = () => leavePage(link, status);
  for (const one of document.querySelectorAll<HTMLAnchorElement>("a[data-exit], a[data-exit-secondary]")) {
    one.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    });
  }
  countShifts(status, leave);
}

function leavePage(link: HTMLAnchorElement, status: HTMLElement): void {
  document.title = NEUTRAL_TITLE;
  document.body.append(overlay());
  document.documentElement.classList.add("leaving");
  status.textContent = text("site.leaving");
  quieten();
  forgetDrafts();
  endSession(link);
  location.replace(link.href);
}

/** A film must not talk on behind the overlay, nor in a window of its own. */
function quieten(): void {
  for (const video of document.querySelectorAll("video")) video.pause();
  if (document.pictureInPictureElement) void document.exitPictureInPicture();
  if (document.fullscreenElement) void document.exitFullscreen();
}

/** The link's page ends the session, too; this makes sure when the page is closed before it arrives. */
function endSession(link: HTMLAnchorElement): void {
  const body = JSON.stringify({ csrf: link.dataset["csrf"] ?? "" });
  const sent = navigator.sendBeacon(link.href, new Blob([body], { type: "application/json" }));
  if (sent) return;
  const headers = { "Content-Type": "application/json" };
  void fetch(link.href, { method: "POST", headers, body, keepalive: true, redirect: "manual" }).catch(() => undefined);
}

function overlay(): HTMLElement {
  const cover = document.createElement("div");
  cover.className = "leave-cover";
  return cover;
}

function liveRegion(): HTMLElement {
  const region = document.createElement("div");
  region.className = "ds-sr-only";
  region.setAttribute("role", "status");
  document.body.append(region);
  return region;
}

/** Count Shift pressed by itself; Shift held for a capital letter does not count, any other key starts over. */
function countShifts(status: HTMLElement, leave: () => void): void {
  let presses = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastWasModified = false;
  const reset = (said: string) => {
    clearTimeout(timer);
    presses = 0;
    status.textContent = said;
    show(0);
  };
  document.addEventListener("keyup", (event) => {
    if (event.key === "Shift" && !lastWasModified) {
      presses += 1;
      show(presses);
      clearTimeout(timer);
      if (presses >= PRESSES) {
        reset("");
        leave();
        return;
      }
      status.textContent = text(presses === 1 ? "site.shift_two_more" : "site.shift_one_more");
      timer = setTimeout(() => reset(text("site.leave_expired")), WITHIN_MS);
    } else if (presses > 0) {
      reset("");
    }
    // The key just released was typed with Shift down; the Shift that follows belongs to it.
    lastWasModified = event.shiftKey;
  });
}

/** The button shows how many presses have been counted. */
function show(presses: number): void {
  const link = document.querySelector<HTMLElement>("a[data-exit]");
  if (!link) return;
  if (presses) link.dataset["presses"] = String(presses);
  else delete link.dataset["presses"];
}
