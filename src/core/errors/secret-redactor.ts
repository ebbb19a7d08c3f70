// Keeps secrets out of what is shown, logged and recorded: registered values in any of the forms they travel in, and values
// under keys that are named like a secret. Best effort, never a boundary: a secret that was cut, encrypted or spelt backwards
// is not recognised.

/** What is shown in the place of a secret. The server refuses requests that bring it back as a value. */
export const maskText = "[masked]";

/** Shorter values are not registered: they would be found in ordinary text. */
export const minSecretLength = 8;

export interface SecretRedactor {
  /**
   * Registers a value for the life of the redactor: from now on it is masked raw and in its base64, URL- and JSON-encoded
   * forms. @returns false for a value that is too short to be told from ordinary text
   */
  add(secret: string): boolean;
  /** Forgets a value that is a secret no more. */
  remove(secret: string): void;
  /** Masks registered values in a text. Cheap when there are none. */
  redactText(text: string): string;
  /** The same value with registered values masked in texts and keys, and whatever is under a key that names a secret. */
  redact<Value>(value: Value, options?: RedactOptions): Value;
}

export interface RedactOptions {
  /** Whether values under keys like `password`, `api_key` or `github_token` are masked, too; default true. */
  readonly keys?: boolean;
}

/** Starts with the given secrets. */
export function createSecretRedactor(secrets: readonly string[] = []): SecretRedactor {
  return new Redactor(secrets);
}

/** Tells whether a key is named like a secret: `password`, `apiKey`, `client-secret`, `GITHUB_TOKEN`; not `token_id` or `secrets_found`. */
export function isSecretKey(key: string): boolean {
  const known = secretKeys.get(key);
  if (known !== undefined) return known;
  const words = key
    .replaceAll(/([a-z\d])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, "_");
  const isSecret = secretKey.test(words);
  if (secretKeys.size >= maxKnownKeys) secretKeys.clear();
  secretKeys.set(key, isSecret);
  return isSecret;
}

/** The same for JSON within a text: `{"api_key":"abc"}` → `{"api_key":"[masked]"}`. */
export function maskSecretFields(text: string): string {
  return text.replaceAll(jsonField, (field: string, key: string) =>
    isSecretKey(key) ? `"${key}":"${maskText}"` : field,
  );
}

const jsonField = /"([\w.-]{1,100})":\s*(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*)/g;

// The same few keys come again and again.
const secretKeys = new Map<string, boolean>();
const maxKnownKeys = 5_000;

const secretKey =
  /(?:^|_)(?:password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|secret_?key|private_?key|credentials?|authorization|cookie|connection_string)_?$/;

class Redactor implements SecretRedactor {
  readonly #forms = new Map<string, readonly string[]>();
  #pattern: RegExp | undefined;

  constructor(secrets: readonly string[]) {
    for (const secret of secrets) this.add(secret);
  }

  add(secret: string): boolean {
    if (secret.length < minSecretLength) return false;
    if (this.#forms.has(secret)) return true;
    this.#forms.set(secret, formsOf(secret));
    this.#pattern = this.#compile();
    return true;
  }

  remove(secret: string): void {
    this.#forms.delete(secret);
    this.#pattern = this.#compile();
  }

  redactText(text: string): string {
    return this.#pattern === undefined ? text : text.replaceAll(this.#pattern, maskText);
  }

  redact<Value>(value: Value, { keys = true }: RedactOptions = {}): Value {
    // The copy has the shape of the value: only texts, and what is under secret keys, differ.
    return this.#copy(value, keys, 0) as Value;
  }

  // What holds nothing to mask is given back as it is: answers have thousands of objects, and secrets in hardly any.
  #copy(value: unknown, keys: boolean, depth: number): unknown {
    if (typeof value === "string") return this.redactText(value);
    if (typeof value !== "object" || value === null) return value;
    if (depth > maxDepth) return maskText;
    if (Array.isArray(value)) return this.#copyItems(value, keys, depth);
    return isPlain(value) ? this.#copyFields(value, keys, depth) : value;
  }

  #copyItems(items: readonly unknown[], keys: boolean, depth: number): readonly unknown[] {
    // Each item once, however deep: a second look at each level would double with every level.
    const copies = items.map((item) => this.#copy(item, keys, depth + 1));
    return copies.some((copy, index) => copy !== items[index]) ? copies : items;
  }

  #copyFields(fields: object, keys: boolean, depth: number): object {
    const entries = Object.entries(fields);
    let isChanged = false;
    for (const entry of entries) {
      const [key, item]: [string, unknown] = entry;
      entry[0] = this.redactText(key);
      entry[1] = keys && isSecretKey(key) ? maskAll(item) : this.#copy(item, keys, depth + 1);
      isChanged ||= entry[0] !== key || entry[1] !== item;
    }
    return isChanged ? Object.fromEntries(entries) : fields;
  }

  #compile(): RegExp | undefined {
    const forms = [...new Set([...this.#forms.values()].flat())];
    if (forms.length === 0) return undefined;
    // The longest first, so that a form which contains another is masked as a whole.
    forms.sort((a, b) => b.length - a.length);
    return new RegExp(forms.map(escapePattern).join("|"), "g");
  }
}

// Deeper values are masked whole: a redactor must not be what overflows the stack.
const maxDepth = 100;

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Absence is no secret. */
function maskAll(value: unknown): unknown {
  return value === null || value === undefined || value === "" || typeof value === "boolean" ? value : maskText;
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret.toWellFormed());
  const forms = [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    url,
    url.replaceAll("%20", "+"),
    ...base64Forms(secret),
  ];
  return [...new Set(forms)].filter((form) => form.length >= minSecretLength);
}

// Inside a longer text that was encoded as a whole, such as `user:password`, the secret begins at any of three positions of
// a group; the characters at its ends also depend on its neighbours and are left out.
function base64Forms(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const text = btoa(String.fromCodePoint(...padded)).replaceAll("=", "");
    const first = offset === 0 ? 0 : offset + 1;
    const wholeCharacters = Math.floor(((offset + bytes.length) * 8) / 6);
    const inner = text.slice(first, wholeCharacters);
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
