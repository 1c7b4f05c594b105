const SCHEMES = ["auto", "light", "dark"];
const YEAR_S = 365 * 86_400;

/** Buttons with data-set-scheme choose light, dark or the system's; the cookie tells the server for the next page. */
export function colourScheme(): void {
  const root = document.documentElement;
  const buttons = document.querySelectorAll<HTMLElement>("[data-set-scheme]");
  const mark = () => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset["setScheme"] === root.dataset["colorScheme"]));
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", (event) => {
      const scheme = button.dataset["setScheme"] ?? "";
      if (!SCHEMES.includes(scheme)) return;
      event.preventDefault();
      root.dataset["colorScheme"] = scheme;
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `color_scheme=${scheme}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
      mark();
    });
  }
  if (buttons.length) mark();
}
