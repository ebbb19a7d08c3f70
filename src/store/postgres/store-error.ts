// Turns what the driver and the server throw into the store's error codes, each with the way out.
// A password never reaches a message: only host, port and database of the address do.
import { MillraceError } from "../../core/errors/errors.ts";

interface Verdict {
  readonly what: string;
  readonly hint: string;
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const byState: Readonly<Record<string, Verdict>> = {
  "28P01": { what: "refuses the password", hint: "check user and password of `MILLRACE_DATABASE_URL`" },
  "28000": {
    what: "refuses this user",
    hint: "check the user of `MILLRACE_DATABASE_URL` and the server's `pg_hba.conf`",
  },
  "3D000": { what: "has no such database", hint: "create it first, for example with `createdb`" },
  "25006": {
    what: "is read-only",
    hint: "connect to the primary: a standby, or a database with `default_transaction_read_only`, takes no work",
  },
  "53300": {
    what: "has no connection left",
    hint: "raise `max_connections` of the server, or run fewer workers or with smaller pools",
  },
  "57P01": { what: "is shutting down", hint: "the orchestrator goes on by itself when it is back" },
  "57P02": { what: "crashed", hint: "the orchestrator goes on by itself when it is back" },
  "57P03": { what: "is starting up or shutting down", hint: "the orchestrator goes on by itself when it is back" },
  "57014": { what: "took too long", hint: "look for what blocks it in `pg_stat_activity`" },
  "55P03": { what: "is locked by another session", hint: "look for what blocks it in `pg_stat_activity`" },
  "25P03": {
    what: "ended a transaction that stood still",
    hint: "this process was suspended or blocked; the call may be repeated",
  },
  "42P01": { what: "has no tables of this program", hint: "run `millrace migrate` on that database first" },
  "42501": {
    what: "does not permit this",
    hint: "let this role create a schema (`grant create on database …`) or use the schema `millrace` that is there",
  },
};

const transientStates: ReadonlySet<string> = new Set([
  // serialization failure, deadlock
  "40001",
  "40P01",
  // Two transactions chose the same number, for one the next of a run's events.
  "23505",
]);

// Messages of the driver, which have no code.
const lostMessages =
  /connection (?:terminated|timeout|ended)|read timeout|timeout expired|timeout exceeded|client (?:was closed|has encountered)|not queryable/i;

/** A MillraceError for anything that an operation on the database threw; its own errors pass unchanged. */
export function toStoreError(thrown: unknown, place: string): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const code = codeOf(thrown);
  const message = thrown instanceof Error ? thrown.message || code : String(thrown);
  const verdict = byState[code];
  if (verdict !== undefined) {
    return new MillraceError("STORE_UNAVAILABLE", `store ${verdict.what}: \`${place}\``, {
      hint: verdict.hint,
      cause: thrown,
    });
  }
  if (code === "53100") {
    return new MillraceError("DISK_FULL", `no space left for the store: \`${place}\``, {
      hint: "free space on the database server, then the orchestrator goes on by itself",
      cause: thrown,
    });
  }
  if (isUnreachable(code, message)) {
    return new MillraceError("STORE_UNAVAILABLE", `store cannot be reached (${message}): \`${place}\``, {
      hint: "check that the server runs and that its address and port are right",
      cause: thrown,
    });
  }
  return new MillraceError("INTERNAL", `store failed: ${message}`, { cause: thrown, details: { sqlState: code } });
}

/** Tells whether the same transaction may succeed when it is run again; nothing of it was written. */
export function isTransient(thrown: unknown): boolean {
  return transientStates.has(codeOf(thrown));
}

/** Tells whether the connection is of no further use. What was under way may or may not have been committed. */
export function breaksConnection(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return (
    code === "25006" ||
    code === "25P03" ||
    isUnreachable(code, thrown instanceof Error ? thrown.message : "") ||
    code.startsWith("57P")
  );
}

/** Where a store is, without what is secret. */
export function describePlace(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = parseAddress(url);
    const host = searchParams.get("host") ?? hostname;
    return `${host === "" ? "localhost" : host}:${port === "" ? "5432" : port}${pathname}`;
  } catch {
    return "postgres";
  }
}

/** Takes what the driver takes: the host may be missing, when the option `host` names a folder of sockets. @throws TypeError */
export function parseAddress(url: string): URL {
  return new URL(url.replace(/^(\w+:\/\/[^/]*@)(?=[/:])/, "$1localhost"));
}

function isUnreachable(code: string, message: string): boolean {
  // System errors of sockets and name look-ups; class 08 is connection exceptions, 53 and 58 what the server lacks.
  return /^E[A-Z_]+$/.test(code) || /^(?:08|53|58)/.test(code) || (code === "" && lostMessages.test(message));
}

function codeOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0]);
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
}
