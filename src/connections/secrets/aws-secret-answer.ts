// What answers of Amazon's keepers of secrets mean. Nothing of a secret is in a message.
import type { ServiceReference } from "../../core/connection/secret-text.ts";
import type { ErrorCode } from "../../core/errors/error-codes.ts";
import { MillraceError } from "../../core/errors/errors.ts";

export interface AwsAnswer {
  readonly status: number;
  readonly text: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** The value of a parameter. @throws MillraceError as `AwsSecrets.read` */
export function parameterOf(reference: Extract<ServiceReference, { ssm: string }>, answer: AwsAnswer): string {
  const what = `parameter \`${reference.ssm}\` of Systems Manager`;
  const fields = fieldsOf(what, answer);
  const parameter = fields["Parameter"];
  const value = isObject(parameter) ? parameter["Value"] : undefined;
  if (typeof value === "string" && value !== "") return value;
  throw missing(what, "has no value", "give it one");
}

/** The text of a secret, or a member of it. @throws MillraceError as `AwsSecrets.read` */
export function secretOf(
  { secretsmanager, key }: Extract<ServiceReference, { secretsmanager: string }>,
  answer: AwsAnswer,
): string {
  const what = `secret \`${secretsmanager}\` of Secrets Manager`;
  const fields = fieldsOf(what, answer);
  const value = fields["SecretString"];
  if (typeof value !== "string") {
    if (fields["SecretBinary"] === undefined) throw missing(what, "has no value", "give it one");
    throw unreadable(what, "is binary", "store it as text");
  }
  if (key !== undefined) return memberOf(what, value, key);
  if (value === "") throw missing(what, "has no value", "give it one");
  return value;
}

function memberOf(what: string, text: string, key: string): string {
  const value = parse(text);
  if (!isObject(value)) throw unreadable(what, "is no JSON object", `leave \`#${key}\` out, or store an object`);
  const member = Object.hasOwn(value, key) ? value[key] : undefined;
  if (typeof member === "string" && member !== "") return member;
  if (typeof member === "number" || typeof member === "boolean") return String(member);
  throw missing(what, `has no text under the key \`${key}\``, "name another key behind the `#`");
}

function fieldsOf(what: string, answer: AwsAnswer): Fields {
  const fields = parse(answer.text);
  if (answer.status === 200 && isObject(fields)) return fields;
  throw refusal(what, answer.status, isObject(fields) ? fields : {});
}

function refusal(what: string, status: number, fields: Fields): MillraceError {
  const kind = textOf(fields["__type"]).replace(/^.*#/, "");
  const told = textOf(fields["message"] ?? fields["Message"]);
  if (kind === "ParameterNotFound" || kind === "ParameterVersionNotFound")
    return missing(what, "does not exist", "make it in the account and region that the worker uses");
  // a secret without a value is not found, either, and only the text tells the two apart
  if (kind === "ResourceNotFoundException") {
    return /staging label|secret value/i.test(told)
      ? missing(what, "has no value", "give it one")
      : missing(what, "does not exist", "make it in the account and region that the worker uses");
  }
  if (kind === "InvalidRequestException" && /delet/i.test(told))
    return missing(what, "is scheduled for deletion", "restore it, or name another one");
  const code = codes[kind] ?? (status >= 500 ? "SERVICE_UNAVAILABLE" : status === 429 ? "RATE_LIMITED" : undefined);
  const because = kind === "" ? `HTTP status ${status}` : kind;
  if (code !== undefined) return new MillraceError(code, `reading ${what}: ${because}`, hintFor(code));
  return unreadable(what, `cannot be read: ${because}`, "see what the service says of this error");
}

const codes: Readonly<Record<string, ErrorCode>> = {
  AccessDeniedException: "PERMISSION_DENIED",
  // of the key that it is encrypted with
  DecryptionFailure: "PERMISSION_DENIED",
  KMSAccessDeniedException: "PERMISSION_DENIED",
  ExpiredTokenException: "AUTHENTICATION_FAILED",
  IncompleteSignature: "AUTHENTICATION_FAILED",
  InvalidClientTokenId: "AUTHENTICATION_FAILED",
  InvalidSignatureException: "AUTHENTICATION_FAILED",
  MissingAuthenticationToken: "AUTHENTICATION_FAILED",
  UnrecognizedClientException: "AUTHENTICATION_FAILED",
  InternalServerError: "SERVICE_UNAVAILABLE",
  InternalServiceError: "SERVICE_UNAVAILABLE",
  ThrottlingException: "RATE_LIMITED",
  TooManyUpdates: "RATE_LIMITED",
};

function hintFor(code: ErrorCode): { readonly hint?: string } {
  if (code === "PERMISSION_DENIED") return { hint: "let the worker read it, and decrypt with its key" };
  if (code === "AUTHENTICATION_FAILED") return { hint: "look at the credentials that the worker has for Amazon" };
  return {};
}

function missing(what: string, problem: string, hint: string): MillraceError {
  return new MillraceError("SECRET_MISSING", `${what} ${problem}`, { hint });
}

function unreadable(what: string, problem: string, hint: string): MillraceError {
  return new MillraceError("SECRET_UNREADABLE", `${what} ${problem}`, { hint });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
