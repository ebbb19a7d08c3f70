// User values on their way into the store.
import { MillraceError } from "../../core/errors/errors.ts";
import type { Json } from "../../store/rows/run-records.ts";

/** Anything as JSON; what JSON cannot hold becomes text. */
export function toJson(value: unknown): Json {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "bigint") return item.toString();
    if (item instanceof Error) return item.message;
    return item;
  });
  return text === undefined ? null : (JSON.parse(text) as Json);
}

const maxPayloadBytes = 1_048_576;

/**
 * What a run remembers, as every attempt will get it. `what` names it in the message.
 * @throws MillraceError `CHECKPOINT_INVALID` for what has no end as JSON, and above 1 MiB
 */
export function toPayload(what: string, value: unknown): Json {
  const json = encode(what, value);
  const bytes = Buffer.byteLength(JSON.stringify(json));
  if (bytes <= maxPayloadBytes) return json;
  throw new MillraceError(
    "CHECKPOINT_INVALID",
    `expected ${what} to be at most 1 MiB as JSON, got: \`${bytes}\` bytes`,
    { hint: "publish large data as a dataset and keep its name here" },
  );
}

function encode(what: string, value: unknown): Json {
  try {
    return toJson(value);
  } catch (cause) {
    throw new MillraceError("CHECKPOINT_INVALID", `${what} cannot be stored as JSON`, {
      hint: "keep plain data: no circular references, and no `toJSON` that throws",
      cause,
    });
  }
}
