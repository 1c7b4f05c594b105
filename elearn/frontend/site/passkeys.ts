import { text } from "./texts.ts";

interface Described {
  id: string;
  type: "public-key";
}

interface ToAdd extends Omit<PublicKeyCredentialCreationOptions, "challenge" | "user" | "excludeCredentials"> {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials: Described[];
}

interface ToShow extends Omit<PublicKeyCredentialRequestOptions, "challenge" | "allowCredentials"> {
  challenge: string;
  allowCredentials: Described[];
}

/** Forms with data-passkey="add" or "show" have the browser make or show a passkey, then send its answer along. */
export function passkeyForms(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void ask(form);
    });
  }
}

async function ask(form: HTMLFormElement): Promise<void> {
  const status = form.querySelector("[data-passkey-status]");
  const say = (sentence: string) => {
    if (status) status.textContent = sentence;
  };
  if (!("PublicKeyCredential" in window)) {
    say(text("site.passkey_unknown"));
    return;
  }
  say(text("site.passkey_asking"));
  try {
    const answer = form.dataset["passkey"] === "add" ? await made(await options<ToAdd>(form)) : await shown(await options<ToShow>(form));
    field(form, "credential").value = JSON.stringify(answer);
  } catch {
    say(text("site.passkey_none"));
    return;
  }
  form.submit(); // not requestSubmit: that would ask again
}

async function options<T>(form: HTMLFormElement): Promise<T> {
  const response = await fetch(form.dataset["options"] ?? "", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": field(form, "csrf_token").value },
    body: "{}",
  });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as T;
}

async function made(told: ToAdd): Promise<object> {
  const publicKey = {
    ...told,
    challenge: bytes(told.challenge),
    user: { ...told.user, id: bytes(told.user.id) },
    excludeCredentials: told.excludeCredentials.map(described),
  };
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return answer(credential, {
    clientDataJSON: base64url(response.clientDataJSON),
    attestationObject: base64url(response.attestationObject),
  });
}

async function shown(told: ToShow): Promise<object> {
  const publicKey = {
    ...told,
    challenge: bytes(told.challenge),
    allowCredentials: told.allowCredentials.map(described),
  };
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return answer(credential, {
    clientDataJSON: base64url(response.clientDataJSON),
    authenticatorData: base64url(response.authenticatorData),
    signature: base64url(response.signature),
  });
}

function answer(credential: PublicKeyCredential, response: Record<string, string>): object {
  return { id: credential.id, rawId: base64url(credential.rawId), type: credential.type, response };
}

function described(one: Described): PublicKeyCredentialDescriptor {
  return { ...one, id: bytes(one.id) };
}

function field(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.querySelector(`input[name="${name}"]`) as HTMLInputElement;
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function base64url(buffer: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
