// Masks values that are named like a secret, on the terminal as over the API.
import { createSecretRedactor } from "../../core/errors/secret-redactor.ts";

const redactor = createSecretRedactor();

/** A copy in which whatever is under a key like `password` or `api_key` is masked. */
export function masked<Value>(value: Value): Value {
  return redactor.redact(value);
}
