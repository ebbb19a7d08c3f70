// Bodies of requests: JSON objects of bounded depth without what other programs stumble over. The server has bounded their
// bytes before.
import { maskText } from "../../core/errors/secret-redactor.ts";
import { HttpProblem } from "../problem-details.ts";

/** Deeper than any params a person writes, and far from what would overflow a stack. */
const maxDepth = 64;

/** @throws HttpProblem `REQUEST_INVALID` */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === "") return {};
  assertShallow(text);
  const body = parse(text);
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw refuse("expected a JSON object as the body");
  assertClean(body);
  return body;
}

/** JSON is UTF-8 (RFC 8259, section 8.1); what says that it is not would be read as other texts. @throws HttpProblem 415 */
export function assertUtf8(contentType: string | undefined): void {
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType ?? "")?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw new HttpProblem(
    415,
    "REQUEST_INVALID",
    "expected JSON in UTF-8, got another `charset`",
    "send `application/json`",
  );
}

/**
 * @throws HttpProblem `REQUEST_INVALID` for texts that no store keeps (NUL, halves of a character), names that are not data
 * (`__proto__`) and masked values, which would overwrite the secret that they stand for
 */
export function assertClean(value: unknown): void {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const item = pending.pop();
    if (typeof item === "string") assertText(item);
    else if (typeof item === "number" && !Number.isFinite(item)) throw refuse("a number is too large");
    else if (typeof item === "object" && item !== null) {
      for (const [key, child] of Object.entries(item)) {
        assertText(key);
        if (forbiddenKeys.has(key)) throw refuse(`\`${key}\` cannot be the name of a field`);
        pending.push(child);
      }
    }
  }
}

const forbiddenKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

function assertText(text: string): void {
  if (text.includes("\0")) throw refuse("texts cannot hold NUL characters");
  if (!text.isWellFormed()) throw refuse("texts must be well-formed Unicode");
  if (text === maskText) {
    throw refuse(`\`${maskText}\` stands for a secret that is not shown`, "write the value itself, or leave it out");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse("the body is not well-formed JSON");
  }
}

// Counted in the text, before anything is built from it.
function assertShallow(text: string): void {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (depth > maxDepth) throw refuse(`the body is nested deeper than ${maxDepth} levels`);
  }
}

function refuse(detail: string, hint?: string): HttpProblem {
  return new HttpProblem(400, "REQUEST_INVALID", detail, hint);
}
