/** Menus are <details class="menu">, so they open without script; this closes them as menus are expected to close. */
export function menus(): void {
  const open = () => document.querySelectorAll<HTMLDetailsElement>("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
  document.addEventListener("focusout", (event) => {
    const next = event.relatedTarget;
    for (const menu of open()) if (next instanceof Node && !menu.contains(next)) menu.open = false;
  });
}
