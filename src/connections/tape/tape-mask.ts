// Takes secrets out of what is recorded: values that are known, and those under a name that says so, in JSON, forms and addresses.
import {
  createSecretRedactor,
  isSecretKey,
  maskSecretFields,
  maskText,
  type SecretRedactor,
} from "../../core/errors/secret-redactor.ts";
import { maskAddress } from "../http/mask-address.ts";

/** What of a text is held back until what follows it is known. No secret is longer. */
const heldBack = 64 * 1024;
const mostHeldBack = 16 * heldBack;
const step = 1024;

export class TapeMask {
  readonly #redactor: SecretRedactor = createSecretRedactor();

  add(secret: string): void {
    this.#redactor.add(secret);
    // bodies are looked at byte by byte
    this.#redactor.add(Buffer.from(secret).toString("latin1"));
  }

  /** Remembers what a request says under names of secrets, since services quote in answers what they were sent. */
  learn(url: string | URL, headers: Readonly<Record<string, string>>, body: string | undefined): void {
    // a header of another name may hold a date or a word that rows hold, too
    const told = Object.entries(headers).filter(([name]) => isSecretKey(name));
    for (const [, value] of told) for (const word of [value, ...value.split(/\s+/)]) this.add(word);
    for (const [name, value] of new URL(url).searchParams) if (isSecretKey(name)) this.add(value);
    for (const [, name = "", value = ""] of (body ?? "").matchAll(field))
      if (isSecretKey(name)) this.add(unescape(value));
    for (const [, , name = "", value = ""] of (body ?? "").matchAll(parameter)) {
      if (isSecretKey(name)) this.add(decode(value));
    }
  }

  text(text: string): string {
    return this.#redactor.redactText(maskSecretFields(maskParameters(text)));
  }

  address(url: string | URL, secretParameters: readonly string[] = []): string {
    const names = secretParameters.map((name) => name.toLowerCase());
    const { origin, pathname, search } = new URL(url);
    const isSecret = (name: string): boolean =>
      names.includes(name.toLowerCase()) || maskAddress(`http://a/?${name}=x`).endsWith(maskText);
    const query = search
      .replace(/^\?/, "")
      .split("&")
      .filter((part) => part !== "");
    const masked = query.map((part) => {
      const [name = ""] = part.split("=", 1);
      return part.includes("=") && isSecret(name) ? `${name}=${maskText}` : part;
    });
    return this.text(`${origin}${pathname}${masked.length === 0 ? "" : `?${masked.join("&")}`}`);
  }

  /** Names that harm nobody keep their values, all others lose them: nobody knows which header a service takes a key in. */
  requestHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return mapValues(headers, (name, value) => (plainHeaders.has(name.toLowerCase()) ? this.text(value) : maskText));
  }

  responseHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return mapValues(headers, (name, value) => (isSecretKey(name) ? maskText : this.text(value)));
  }

  /** For a body of any length, in memory that does not grow with it. */
  body(): BodyMask {
    return new BodyMask((text) => this.text(text));
  }
}

/** Masks a body that comes in parts. Bytes are taken for characters, so that none is lost. */
export class BodyMask {
  readonly #mask: (text: string) => string;
  #held = "";

  constructor(mask: (text: string) => string) {
    this.#mask = mask;
  }

  write(part: Uint8Array): Buffer {
    this.#held += Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString("latin1");
    const end = this.#findEnd();
    const ready = this.#held.slice(0, end);
    this.#held = this.#held.slice(end);
    return Buffer.from(this.#mask(ready), "latin1");
  }

  end(): Buffer {
    return Buffer.from(this.#mask(this.#held), "latin1");
  }

  /** Where the text can be cut without cutting a secret: masking the halves gives what masking the whole gives. */
  #findEnd(): number {
    const held = this.#held;
    // as much is let go as is held back, so that small parts cost no more than large ones
    if (held.length <= 2 * heldBack) return 0;
    const whole = this.#mask(held);
    for (let end = held.length - heldBack; end > 0; end -= step) {
      if (this.#mask(held.slice(0, end)) + this.#mask(held.slice(end)) === whole) return end;
    }
    return held.length > mostHeldBack ? held.length : 0;
  }
}

const plainHeaders: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "content-type",
  "if-modified-since",
  "if-none-match",
  "prefer",
  "range",
  "user-agent",
]);

const parameter = /([?&]|^)([\w.-]{1,100})=([^&\s"'<>\\]+)/g;

const field = /"([\w.-]{1,100})":\s*"((?:[^"\\]|\\.)*)"/g;

function unescape(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** `next?access_token=abc` within any text, and a form. */
function maskParameters(text: string): string {
  return text.replaceAll(parameter, (whole, before: string, name: string) =>
    isSecretKey(name) ? `${before}${name}=${maskText}` : whole,
  );
}

function mapValues(
  values: Readonly<Record<string, string>>,
  map: (name: string, value: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(name, value)]));
}
