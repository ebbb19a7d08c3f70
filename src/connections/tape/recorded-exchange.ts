// The file of one exchange, `0001-GET-calls.json`, beside that of its body. People read and edit them.
import { createHash } from "node:crypto";
import { z } from "zod";
import { maskText } from "../../core/errors/secret-redactor.ts";
import { encodeBody } from "../http/encode-body.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { toAddress } from "../http/to-address.ts";
import type { TapeMask } from "./tape-mask.ts";

const failureSchema = z.object({ code: z.string(), message: z.string() });

export const recordedExchangeSchema: z.ZodType<RecordedExchange> = z.object({
  request: z.object({
    method: z.string(),
    address: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string().optional(),
  }),
  response: z
    .object({
      status: z.int(),
      headers: z.record(z.string(), z.string()),
      address: z.string().optional(),
      isEndKnown: z.boolean(),
      body: z.string(),
      bytes: z.number(),
      milliseconds: z.number(),
      failure: failureSchema.optional(),
    })
    .optional(),
  failure: failureSchema.optional(),
}) as unknown as z.ZodType<RecordedExchange>;

export interface RecordedExchange {
  readonly request: RecordedRequest;
  /** Absent when no answer came. */
  readonly response?: RecordedResponse;
  /** Why none came. */
  readonly failure?: RecordedFailure;
}

export interface RecordedRequest {
  readonly method: string;
  /** Secrets in it are `[masked]`. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a longer one its hash, and nothing of a stream. */
  readonly body?: string;
}

export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the answer came from, after redirects. */
  readonly address?: string;
  readonly isEndKnown: boolean;
  /** Name of the file with the decoded body. */
  readonly body: string;
  readonly bytes: number;
  readonly milliseconds: number;
  /** What the body ended with, when it did not come whole. */
  readonly failure?: RecordedFailure;
}

export interface RecordedFailure {
  readonly code: string;
  readonly message: string;
}

const longestBody = 64 * 1024;

/** A request as it is recorded and looked for. */
export function describeRequest(request: HttpRequest, mask: TapeMask): RecordedRequest {
  const { method, headers = {}, secretParameters } = request;
  const address = toAddress(request);
  const body = bodyText(request);
  mask.learn(address, headers, body);
  return {
    method,
    address: mask.address(address, secretParameters),
    headers: mask.requestHeaders(headers),
    ...(body === undefined ? {} : { body: shorten(mask.text(body)) }),
  };
}

/** Whether a request is the recorded one; what was masked there may be anything, and a parameter that was may be missing. */
export function isSameRequest(recorded: RecordedRequest, wanted: RecordedRequest): boolean {
  return (
    recorded.method === wanted.method &&
    fits(withoutMasked(recorded.address), withoutMasked(wanted.address)) &&
    (recorded.body === undefined ? wanted.body === undefined : fits(recorded.body, wanted.body ?? ""))
  );
}

function bodyText({ body }: HttpRequest): string | undefined {
  if (body !== undefined && "file" in body) return `sha256:${body.file.sha256}`;
  const content = body === undefined ? undefined : encodeBody(body).content;
  if (content === undefined) return undefined;
  const text = typeof content === "string" ? content : Buffer.from(content).toString("latin1");
  return text.replaceAll(boundary, "millrace-boundary");
}

function shorten(masked: string): string {
  return masked.length <= longestBody ? masked : `sha256:${createHash("sha256").update(masked).digest("hex")}`;
}

/** Made anew for each multipart body. */
const boundary = /millrace-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;

function withoutMasked(address: string): string {
  const [path = "", query = ""] = address.split("?", 2);
  const kept = query.split("&").filter((part) => part !== "" && !part.endsWith(`=${maskText}`));
  return kept.length === 0 ? path : `${path}?${kept.join("&")}`;
}

/** Whether a text is the recorded one, with anything in the place of what is masked in either. */
function fits(recorded: string, wanted: string): boolean {
  if (recorded === wanted) return true;
  const [first = "", ...parts] = recorded.split(maskText);
  const last = parts.pop();
  if (last === undefined || !wanted.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = wanted.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return wanted.length - last.length >= at && wanted.endsWith(last);
}
