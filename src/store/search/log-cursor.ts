// The place of a line among the lines of a tree, as the text that clients hand back.
import { MillraceError } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { LogPlace } from "./log-look.ts";

/** `<time>.<run>.<seq>`. */
export function formatLogCursor({ atMs, runId, seq }: LogPlace): string {
  return `${atMs}.${runId}.${seq}`;
}

/** @throws MillraceError `VALUE_INVALID` */
export function parseLogCursor(text: string): LogPlace {
  const match = /^(-?\d{1,15})\.(\d{1,15})\.(\d{1,9})$/.exec(text);
  if (match === null) {
    throw new MillraceError("VALUE_INVALID", `expected the cursor of a log line, got: \`${text.slice(0, 50)}\``, {
      hint: "cursors come with the lines; leave it out to begin anew",
    });
  }
  return { atMs: Number(match[1]), runId: Number(match[2]) as RunId, seq: Number(match[3]) };
}
