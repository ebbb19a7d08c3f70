// Brings a session of Spark into the state that rows rely on, and looks whether it is in it: Spark takes settings that it does not
// know, and managed services keep some for themselves. Each thing that is not as it should be has its own message.
import { MillraceError } from "../../core/errors/errors.ts";
import type { ConnectSession } from "./connect/connect-session.ts";
import { queryRows } from "./read-rows.ts";

/**
 * Sets times to UTC, errors instead of NULL for wrong values, and batches that are not compressed.
 * @param more settings that what is executed needs besides
 * @throws MillraceError `CAPABILITY_MISSING` for a Spark before 4.0, `CONFIG_INVALID` for a setting that does not hold
 */
export async function prepareSession(
  session: ConnectSession,
  signal?: AbortSignal,
  more: readonly WantedSetting[] = [],
): Promise<void> {
  assertVersion(session.version);
  const options = signal === undefined ? {} : { signal };
  const all = [...wanted, ...more];
  await session.set(Object.fromEntries(all.map(({ key, value }) => [key, value])), options);
  const settings = await session.settings(
    all.map(({ key }) => key),
    options,
  );
  for (const { key, value, why } of all) {
    const got = settings.get(key) ?? "nothing";
    if (got === value) continue;
    throw new MillraceError("CONFIG_INVALID", `expected \`${key}\` of Spark to be \`${value}\`, got: \`${got}\``, {
      hint: `set it on the server: ${why}`,
    });
  }
}

/**
 * Looks whether executors run `select transform(…) using 'node …'`, with one row.
 * @throws MillraceError `CAPABILITY_MISSING` that says whether Spark refuses it, or its executors have no Node.js
 */
export async function assertTransform(session: ConnectSession, signal?: AbortSignal): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  const run = async (command: string): Promise<unknown> => {
    const sql = `select transform(word) using '${command}' as (word string) from values ('mill') as words(word)`;
    return (await queryRows(session, sql, options))[0]?.["word"];
  };
  await refuse(
    run("cat"),
    "mill",
    "this Spark runs no commands in `transform`",
    "allow `transform`, or run the job here",
  );
  const node = run('node --eval "process.stdin.pipe(process.stdout)"');
  await refuse(
    node,
    "mill",
    "the executors of this Spark have no `node` on their path",
    "install Node.js on all of them",
  );
}

const oldestMajor = 4;

/** A setting that a session has to have. */
export interface WantedSetting {
  readonly key: string;
  readonly value: string;
  /** For people whose Spark does not take it. */
  readonly why: string;
}

const wanted: readonly WantedSetting[] = [
  { key: "spark.sql.session.timeZone", value: "UTC", why: "times without a zone are in UTC in the lake" },
  { key: "spark.sql.ansi.enabled", value: "true", why: "without it a value that does not fit becomes NULL silently" },
  {
    key: "spark.sql.execution.arrow.compression.codec",
    value: "none",
    why: "compressed batches are not read",
  },
];

function assertVersion(version: string): void {
  if (Number.parseInt(version, 10) >= oldestMajor) return;
  throw new MillraceError("CAPABILITY_MISSING", `expected Spark ${oldestMajor}.0 or newer, got: \`${version}\``, {
    hint: "use a newer Spark",
  });
}

async function refuse(work: Promise<unknown>, expected: unknown, message: string, hint: string): Promise<void> {
  try {
    if ((await work) === expected) return;
  } catch (cause) {
    const isOurs = cause instanceof MillraceError && (cause.code === "SQL_FAILED" || cause.code === "SQL_INVALID");
    if (!isOurs) throw cause;
    throw new MillraceError("CAPABILITY_MISSING", message, { hint, cause });
  }
  throw new MillraceError("CAPABILITY_MISSING", message, { hint });
}
