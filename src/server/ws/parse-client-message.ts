// Parses and checks the messages of clients, field by field, because nothing that comes from outside is trusted.
import { z } from "zod";
import type { ClientMessage, Topic } from "../../api/event-message.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** Bytes of a message; the longest that makes sense has a topic with a long name. */
export const maxMessageBytes = 4_096;

const topic: z.ZodType<Topic> = z.union([
  z.literal("jobs"),
  z.literal("runs"),
  z.templateLiteral(["job:", z.string().min(1).max(200)]),
  z.templateLiteral(["run:", z.string().regex(/^r[1-9]\d{0,15}$/)]),
]);

/** A position: a decimal number, as text or as a number. */
const position = z.union([
  z.string().regex(/^(?:0|[1-9]\d{0,15})$/),
  z
    .number()
    .int()
    .min(0)
    .max(2 ** 53 - 1),
]);

const message: z.ZodType<ClientMessage> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("subscribe"),
    topic,
    sinceSeq: position.exactOptional(),
    snapshot: z.boolean().exactOptional(),
    batch: z.boolean().exactOptional(),
  }),
  z.strictObject({ type: z.literal("unsubscribe"), topic }),
  z.strictObject({ type: z.literal("ping") }),
]);

/** @throws MillraceError `REQUEST_INVALID` that says what is wrong where */
export function parseClientMessage(text: string): ClientMessage {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new MillraceError("REQUEST_INVALID", "expected a message to be a JSON object");
  }
  const result = message.safeParse(parsed);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join(".") ?? "";
  throw new MillraceError(
    "REQUEST_INVALID",
    place === "" ? `expected another message: ${describe(issue)}` : `expected another \`${place}\`: ${describe(issue)}`,
    {
      hint: "messages are `subscribe`, `unsubscribe` and `ping`; topics are `jobs`, `runs`, `job:<name>` and `run:r<id>`",
    },
  );
}

/** A topic from outside, such as one of the address; `undefined` when it is none. */
export function parseTopic(text: unknown): Topic | undefined {
  const result = topic.safeParse(text);
  return result.success ? result.data : undefined;
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  return (issue?.message ?? "unknown").slice(0, 200);
}
