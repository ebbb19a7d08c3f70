// Small answers as values: those of token endpoints and logins. Pages of data go another way, which does not hold them whole.
import { text } from "node:stream/consumers";
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpResponse } from "./http-response.ts";

/** @throws MillraceError `FORMAT_INVALID` without a word of what came, and what the body fails with */
export async function readJson({ body, address }: Pick<HttpResponse, "body" | "address">): Promise<unknown> {
  const content = await text(body);
  try {
    return JSON.parse(content) as unknown;
  } catch {
    throw new MillraceError("FORMAT_INVALID", `expected JSON from ${address}, got: \`${content.length} characters\``);
  }
}
