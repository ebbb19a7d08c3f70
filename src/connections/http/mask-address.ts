// Addresses for messages, logs and screens: without credentials, and without the values of parameters that are secrets.
import { isSecretKey, maskText } from "../../core/errors/secret-redactor.ts";
import { printable } from "../../core/printable.ts";

/** Names that many services use for keys and signatures, and that say too little to be secret everywhere. */
const secretParameters: ReadonlySet<string> = new Set([
  "key",
  "auth",
  "code",
  "sig",
  "signature",
  "assertion",
  "sessionid",
  "session_id",
  "x-amz-credential",
  "x-amz-signature",
]);

const maxLength = 500;

/**
 * The address without user, password and fragment, and with `[masked]` for the values of secret parameters. Cut after 500
 * characters.
 * @param secrets names of more parameters that are secrets
 */
export function maskAddress(address: string | URL, secrets: readonly string[] = []): string {
  const url = typeof address === "string" ? URL.parse(address) : address;
  if (url === null) return "an address that cannot be parsed";
  const names = new Set(secrets.map((name) => name.toLowerCase()));
  const query = url.search.replace(/^\?/, "");
  const masked = query.split("&").map((parameter) => maskParameter(parameter, names));
  const text = printable(`${url.origin}${url.pathname}${query === "" ? "" : `?${masked.join("&")}`}`);
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

// The text is kept as it was sent: to read and write it again would change it.
function maskParameter(parameter: string, secrets: ReadonlySet<string>): string {
  const equals = parameter.indexOf("=");
  if (equals < 0) return parameter;
  const name = decode(parameter.slice(0, equals)).toLowerCase();
  const isSecret = isSecretKey(name) || secretParameters.has(name) || secrets.has(name);
  return isSecret ? `${parameter.slice(0, equals)}=${maskText}` : parameter;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
