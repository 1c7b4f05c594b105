/** Pages with data-private are not shown again from the browser's memory: after leaving, 'back' asks the server. */
export function privatePages(): void {
  if (!document.documentElement.hasAttribute("data-private") && !document.querySelector("[data-private]")) return;
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
