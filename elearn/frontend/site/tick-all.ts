/** A list whose rows are ticked: one box ticks the page, and a figure says how many are. Without script each is ticked by hand. */
export function tickAll(): void {
  const all = document.querySelector<HTMLInputElement>("[data-tick-all]");
  const form = all?.form;
  if (!all || !form) return;
  const boxes = [...form.querySelectorAll<HTMLInputElement>('input[name="who"]')];
  const figure = form.querySelector<HTMLElement>("[data-ticked]");
  const tell = (): void => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    if (!figure) return;
    figure.hidden = ticked === 0;
    figure.textContent = (figure.dataset["ticked"] ?? "").replace("{number}", String(ticked));
  };
  for (const field of form.querySelectorAll<HTMLElement>("[data-tick-all-field]")) field.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  form.addEventListener("change", tell);
  addEventListener("pageshow", tell);
  tell();
}
