// What an answer means. Rules of the job are asked in their order, then the defaults; a status that nobody listed is an error.
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { printJson, toValuePath, valueAt } from "./value-path.ts";
import type { VariableValue } from "../../core/dataset/variables.ts";
import type { Duration } from "../../core/duration.ts";

/** `skipUnit` counts and lists the unit as skipped, `empty` and `warn` take the answer for a page without rows. */
export type ResponseOutcome = (typeof responseOutcomes)[number];

export const responseOutcomes = [
  "success",
  "empty",
  "warn",
  "retry",
  "rateLimited",
  "refreshToken",
  "skipUnit",
  "fail",
] as const;

/** All that is given must be so. */
export interface ResponseRule {
  /** A status, or a class of them such as `4xx`; several in a list. */
  readonly status?: number | string | readonly (number | string)[];
  /** Beginning of the content type, such as `text/html`. */
  readonly contentType?: string;
  /** Name of a header → its value, or true when it is enough that it is there. */
  readonly header?: Readonly<Record<string, string | true>>;
  /** A field of a JSON body. */
  readonly body?: BodyPredicate;
  readonly then: ResponseOutcome;
  /** Of `rateLimited`: how long nothing is sent to the service where it does not say so, doubled with each try. */
  readonly pause?: Duration;
}

export interface BodyPredicate {
  /** Names of fields, separated by dots. */
  readonly path: string;
  /** The value; a list holds several. Default: the field only has to be there, and not null. */
  readonly is?: string | number | boolean | readonly (string | number | boolean)[];
  /** Text that the value has in it, in upper or lower case. */
  readonly has?: string;
}

/** An answer before its rows are read. Names of headers are in lower case. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Whether the body has to be read to tell what an answer means. */
export function needsBody(rules: readonly ResponseRule[], head: ResponseHead): boolean {
  return rules.some((rule) => rule.body !== undefined && matchesHead(rule, head));
}

/**
 * What an answer means.
 * @param body of an answer in JSON, without its rows; `undefined` for any other
 */
export function findOutcome(
  rules: readonly ResponseRule[],
  head: ResponseHead,
  body: VariableValue | undefined,
): ResponseOutcome {
  return findRule(rules, head, body)?.then ?? defaultOutcome(head);
}

/** The rule that decides; `undefined` where the defaults do. */
export function findRule(
  rules: readonly ResponseRule[],
  head: ResponseHead,
  body: VariableValue | undefined,
): ResponseRule | undefined {
  return rules.find((one) => matchesHead(one, head) && (one.body === undefined || matchesBody(one.body, body)));
}

/** The failure that an answer is, in the words of its status; it says when to come back where the service does. */
export function toResponseError(head: ResponseHead, what: string, nowMs?: number): MillraceError {
  const answer = Object.assign(new Error(`${what}: the service answered with status ${head.status}`), {
    status: head.status,
    response: { headers: head.headers },
  });
  const { code, message, errorClass, hint, retryAfterMs } = classifyError(
    head.status >= 400
      ? answer
      : new MillraceError("REQUEST_REJECTED", `${answer.message}, which no rule of the job lists`),
    nowMs,
  );
  return new MillraceError(code, message, {
    errorClass,
    details: { status: head.status },
    hint: hint ?? "list the status in `responses` of the source if it is a normal answer",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function defaultOutcome(head: ResponseHead): ResponseOutcome {
  if (successes.includes(head.status)) return "success";
  if (head.status < 400) return "fail";
  if (head.status === 401) return "refreshToken";
  const { code } = toResponseError(head, "");
  if (code === "RATE_LIMITED") return "rateLimited";
  if (code !== "SERVICE_UNAVAILABLE") return "fail";
  return header(head, "retry-after") === undefined ? "retry" : "rateLimited";
}

// A 204 has no body and a 206 not all of it, so they are success only for a job that says so.
const successes: readonly number[] = [200, 201, 202];

function matchesHead({ status, contentType, header: wanted }: ResponseRule, head: ResponseHead): boolean {
  if (status !== undefined && ![status].flat().some((one) => matchesStatus(one, head.status))) return false;
  if (contentType !== undefined) {
    const got = header(head, "content-type") ?? "";
    if (!got.toLowerCase().startsWith(contentType.toLowerCase())) return false;
  }
  return Object.entries(wanted ?? {}).every(([name, value]) => {
    const got = header(head, name);
    return value === true ? got !== undefined : got?.toLowerCase() === value.toLowerCase();
  });
}

function matchesStatus(wanted: number | string, status: number): boolean {
  const text = String(wanted);
  return text.endsWith("xx") ? text.startsWith(String(Math.floor(status / 100))) : Number(text) === status;
}

/** Whether the field of the body is what the predicate says. */
export function matchesBody({ path, is, has }: BodyPredicate, body: VariableValue | undefined): boolean {
  const value = valueAt(body, toValuePath(path));
  if (value === undefined || value === null) return false;
  const text = typeof value === "object" ? printJson(value) : String(value);
  if (is !== undefined && ![is].flat().some((wanted) => String(wanted) === text)) return false;
  return has === undefined || text.toLowerCase().includes(has.toLowerCase());
}

/** The value of a header, whose name may be in upper or lower case; of several the first. */
export function header({ headers }: ResponseHead, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return typeof value === "object" ? value[0] : value;
}
