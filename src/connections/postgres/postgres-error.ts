// What the driver and the server throw, as errors with the way out. A message of the server may hold a value of a row, so that it is
// shown for states only that speak of names; as a cause it would be shown as well.
import { MillraceError } from "../../core/errors/errors.ts";
import { type KnownFailure, toStopped } from "../database/database-failure.ts";

/** Names of errors that differ by what is done with the database. */
export interface PostgresFailure {
  /** What people call the server. */
  readonly title: string;
  /** As `describeAddress` says it. */
  readonly place: string;
  readonly signal?: AbortSignal | undefined;
}

/** A MillraceError for what a database or the way to it threw; anything else, such as a full disk here, passes unchanged. */
export function toPostgresError(thrown: unknown, { title, place, signal }: PostgresFailure): unknown {
  if (thrown instanceof MillraceError) return thrown;
  if (signal?.aborted === true) return toStopped(signal, thrown);
  const state = stateOf(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const known = knownStates.find(({ states, says }) => states.test(state) && says?.test(message) !== false);
  if (known !== undefined) {
    const isTold = known.isTold === true;
    return new MillraceError(known.code, `${title} at \`${place}\` ${known.what}${isTold ? `: ${message}` : ""}`, {
      ...(isTold ? { cause: thrown } : {}),
      hint: known.hint,
    });
  }
  if (isUnreachable(state, message)) {
    return new MillraceError("SERVICE_UNAVAILABLE", `${title} at \`${place}\` cannot be reached: ${state || message}`, {
      cause: thrown,
      hint: "check that the server runs and that its address is right; the run is tried again later",
    });
  }
  if (!/^[0-9A-Z]{5}$/.test(state)) return thrown;
  return new MillraceError("REQUEST_REJECTED", `${title} at \`${place}\` refused a statement with state \`${state}\``, {
    hint: `the log of the server tells more; ${columnOf(thrown)}`,
  });
}

/** Whether a transaction was ended for the sake of another one, so that the same statements may succeed right away. */
export function isTransactionConflict(thrown: unknown): boolean {
  const message = thrown instanceof Error ? thrown.message : "";
  return ["40001", "40P01"].includes(stateOf(thrown)) || (stateOf(thrown) === "XX000" && conflict.test(message));
}

// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
const conflict = /^(?:1018|1023)\b|serializable isolation|conflict with concurrent transaction/i;

interface KnownState extends KnownFailure {
  readonly states: RegExp;
  /** What the message has to say, of states that mean many things. */
  readonly says?: RegExp;
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const knownStates: readonly KnownState[] = [
  {
    states: /^28/,
    code: "AUTHENTICATION_FAILED",
    what: "refuses the user or the password",
    hint: "check the address that the variable holds",
  },
  {
    states: /^42501$/,
    code: "PERMISSION_DENIED",
    what: "does not permit this",
    hint: "grant the role the right that is missing",
    isTold: true,
  },
  {
    states: /^3D000$/,
    code: "SOURCE_MISSING",
    what: "has no such database",
    hint: "correct the address",
    isTold: true,
  },
  {
    states: /^(42P01|3F000)$/,
    code: "SOURCE_MISSING",
    what: "has no such table",
    hint: "correct the name, or make the table first",
    isTold: true,
  },
  {
    states: /^42/,
    code: "SQL_INVALID",
    what: "cannot run the statement",
    hint: "correct it; names that are not in lower case need double quotes",
    isTold: true,
  },
  {
    states: /^2BP01$/,
    code: "TARGET_CONFLICT",
    what: "cannot change the table, because something depends on it",
    hint: "drop what depends on the column, or keep the column",
    isTold: true,
  },
  {
    states: /^(55P03|40001|40P01)$/,
    code: "TARGET_CONFLICT",
    what: "has locked what is needed",
    hint: "another session holds it; the run is tried again later",
  },
  {
    states: /^(53100|53200|53400)$/,
    code: "DISK_FULL",
    what: "has no room left",
    hint: "free some space on the server and run again; nothing was published",
  },
  {
    states: /^53300$/,
    code: "SERVICE_UNAVAILABLE",
    what: "has no connection left",
    hint: "raise `max_connections`, or run less at once",
  },
  {
    states: /^XX000$/,
    says: conflict,
    code: "TARGET_CONFLICT",
    what: "has ended the transaction for the sake of another one",
    hint: "somebody else has written to the same tables; the run is tried again later",
  },
  {
    states: /^XX000$/,
    says: /S3ServiceException|S3 ?(?:client|curl)|AccessDenied|not authorized to assume/i,
    code: "PERMISSION_DENIED",
    what: "cannot read the bucket that rows are staged in",
    hint: "let the role or the keys that it reads with list and read the bucket, which has to be in the same AWS Region",
  },
  { states: /^25006$/, code: "TARGET_UNREADABLE", what: "is read-only", hint: "connect to the primary" },
  {
    states: /^23/,
    code: "REQUEST_REJECTED",
    what: "refuses rows by a constraint of the table",
    hint: "look at the constraints of the table, and add a check to the job that finds such rows",
  },
];

/** The server tells column and constraint apart from its message. */
function columnOf(thrown: unknown): string {
  const { column, constraint, table } = thrown as { column?: unknown; constraint?: unknown; table?: unknown };
  const names = Object.entries({ table, column, constraint }).filter(([, name]) => typeof name === "string");
  return names.length === 0
    ? "a value does not fit its type"
    : names.map(([kind, name]) => `${kind} \`${String(name)}\``).join(", ");
}

// Messages of the driver, which have no state.
const lostMessages =
  /connection (?:terminated|timeout|ended)|read timeout|timeout expired|timeout exceeded|client (?:was closed|has encountered)|not queryable/i;

const networkCodes =
  /^(?:ECONN|EHOST|ENET|EADDR|EAI_|ENOTFOUND|ETIMEDOUT|EPIPE|ERR_STREAM|ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO)/;

function isUnreachable(state: string, message: string): boolean {
  return networkCodes.test(state) || /^(?:08|53|57|58)/.test(state) || (state === "" && lostMessages.test(message));
}

function stateOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return stateOf(thrown.errors[0]);
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
}
