/** Line icons of the control bar, drawn on 24 × 24. */
const icon = (shape: string, slot = "icon") =>
  `<svg class="icon" slot="${slot}" viewBox="0 0 24 24" aria-hidden="true">${shape}</svg>`;

const TEN = '<text x="12" y="15.7" text-anchor="middle" font-size="8.6" font-weight="700" fill="currentColor" stroke="none">10</text>';
const SPEAKER = '<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z"/>';
const CAPTIONS =
  '<rect x="3" y="5.5" width="18" height="13" rx="2.5"/><path d="M10.5 10.5q-3.5-1.5-3.5 1.5t3.5 1.5M17 10.5q-3.5-1.5-3.5 1.5t3.5 1.5"/>';
const PICTURE = '<rect x="3" y="5" width="18" height="14" rx="2"/><rect x="12" y="11.5" width="6.5" height="5" fill="currentColor"/>';

export const PLAY = '<path d="M8 5.5v13l10.5-6.5z" fill="currentColor"/>';

export const icons = {
  play: icon(PLAY, "play"),
  pause: icon('<path d="M8.5 6v12M15.5 6v12" stroke-width="3"/>', "pause"),
  back: icon(`<path d="M12 4.5a8 8 0 11-7.800 6.200M3.800 4.800l.6 5.900 5.700-1.200"/>${TEN}`),
  forward: icon(`<path d="M12 4.5a8 8 0 107.800 6.200M20.200 4.800l-.6 5.900-5.700-1.200"/>${TEN}`),
  loud: ["low", "medium", "high"]
    .map((slot) => icon(`${SPEAKER}<path d="M15.5 9q2 3 0 6M18 6.5q4 5.5 0 11"/>`, slot))
    .join(""),
  silent: icon(`${SPEAKER}<path d="M16 9.5l5 5M21 9.5l-5 5"/>`, "off"),
  captionsOn: icon(CAPTIONS, "on"),
  captionsOff: icon(CAPTIONS, "off"),
  quality: icon(
    '<circle cx="12" cy="12" r="3"/><path d="M12 3.5v3M12 17.5v3M3.5 12h3M17.5 12h3M6 6l2.100 2.100M15.900 15.900L18 18M18 6l-2.100 2.100M8.100 15.900L6 18"/>',
  ),
  pictureIn: icon(PICTURE, "enter"),
  pictureOut: icon(PICTURE, "exit"),
  screenFull: icon('<path d="M4 9V5h4M20 9V5h-4M4 15v4h4M20 15v4h-4"/>', "enter"),
  screenPart: icon('<path d="M8 5v4H4M16 5v4h4M8 19v-4H4M16 19v-4h4"/>', "exit"),
};
