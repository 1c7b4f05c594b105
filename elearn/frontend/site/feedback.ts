const KEY = "feedback:";
/** Under this stands the key of the draft that the page before has sent, if any. */
const SENT = `${KEY}sent`;

interface Condition {
  name: string;
  answers: string[];
}

/**
 * Forms with data-feedback: questions that do not apply are hidden, numbers and addresses are refused before anything is
 * sent, and with data-draft what is written waits in this tab until it is sent. Without script all of them are shown, and
 * the server decides.
 */
export function feedbackForms(): void {
  forgetWhatWasSent();
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-feedback]")) {
    if (form.dataset["draft"] !== undefined) keepDraft(form);
    hideWhatDoesNotApply(form);
    refuseNumbers(form);
  }
}

/** Drafts of anonymous forms live in this tab alone, and end with it, with sending, or with leaving the page. */
export function forgetDrafts(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(KEY)) sessionStorage.removeItem(key);
}

/** The thanks say that it has arrived; on any other page it has not, and the draft stays. */
function forgetWhatWasSent(): void {
  const sent = sessionStorage.getItem(SENT);
  if (sent && document.querySelector("[data-feedback-sent]")) sessionStorage.removeItem(sent);
  sessionStorage.removeItem(SENT);
}

function keepDraft(form: HTMLFormElement): void {
  const key = `${KEY}${document.body.dataset["personKeys"]?.split(" ")[0] ?? ""}:${location.pathname}`;
  const isRefused = document.querySelector(".ds-error-summary") !== null;
  const kept = isRefused ? null : sessionStorage.getItem(key);
  if (kept) fill(form, JSON.parse(kept) as [string, string][]);
  form.addEventListener("input", () => sessionStorage.setItem(key, JSON.stringify(answers(form))));
  form.addEventListener("submit", () => sessionStorage.setItem(SENT, key));
}

function answers(form: HTMLFormElement): [string, string][] {
  return [...new FormData(form)].filter(
    (each): each is [string, string] => each[0] !== "csrf_token" && typeof each[1] === "string",
  );
}

function fill(form: HTMLFormElement, kept: [string, string][]): void {
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && (field.type === "radio" || field.type === "checkbox")) {
      field.checked = kept.some(([name, value]) => name === field.name && value === field.value);
    } else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
      const found = kept.find(([name]) => name === field.name);
      if (found && field.type !== "hidden") field.value = found[1];
    }
  }
}

function hideWhatDoesNotApply(form: HTMLFormElement): void {
  const questions = [...form.querySelectorAll<HTMLElement>("[data-show-if]")];
  const look = () => {
    for (const question of questions) {
      const { name, answers: wanted } = JSON.parse(question.dataset["showIf"] ?? "") as Condition;
      const given = new FormData(form).getAll(name).map(String);
      question.hidden = !given.some((each) => wanted.includes(each));
      // What is hidden is not sent, so that a question that hangs on it is hidden, too.
      for (const field of question.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")) {
        field.disabled = question.hidden;
      }
    }
  };
  form.addEventListener("input", look);
  look();
}

function refuseNumbers(form: HTMLFormElement): void {
  const patterns = (JSON.parse(form.dataset["refuse"] ?? "[]") as string[]).map((each) => new RegExp(each));
  const fields = [...form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("[data-own-words]")];
  const refuses = (field: HTMLInputElement | HTMLTextAreaElement) =>
    !field.disabled && patterns.some((pattern) => pattern.test(field.value));
  for (const field of fields) {
    field.addEventListener("change", () => say(field, refuses(field) ? (form.dataset["refused"] ?? "") : ""));
    field.addEventListener("input", () => refuses(field) || say(field, ""));
  }
  form.addEventListener("submit", (event) => {
    const wrong = fields.filter(refuses);
    if (!wrong.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    for (const field of wrong) say(field, form.dataset["refused"] ?? "");
    wrong[0]?.focus();
  });
}

/** Say below a field what is wrong with it; the message stands where the server's would. */
function say(field: HTMLInputElement | HTMLTextAreaElement, sentence: string): void {
  const id = `${field.id}-error`;
  document.getElementById(id)?.remove();
  const described = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each && each !== id);
  if (sentence) {
    const message = document.createElement("p");
    message.id = id;
    message.className = "ds-validation-message";
    message.dataset["color"] = "danger";
    message.setAttribute("role", "alert");
    message.textContent = sentence;
    field.after(message);
    described.push(id);
    field.setAttribute("aria-invalid", "true");
  } else {
    field.removeAttribute("aria-invalid");
  }
  field.setAttribute("aria-describedby", described.join(" "));
}
