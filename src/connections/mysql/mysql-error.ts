// What the driver and the server throw, as errors with the way out. A message of the server may hold a value of a row, so that it is
// shown for errors only that speak of names; as a cause it would be shown as well.
import { MillraceError } from "../../core/errors/errors.ts";
import { type KnownFailure, toStopped } from "../database/database-failure.ts";

export interface MysqlFailure {
  /** As `describeAddress` says it. */
  readonly place: string;
  readonly signal?: AbortSignal | undefined;
}

/** A MillraceError for what a database or the way to it threw; anything else, such as a full disk here, passes unchanged. */
export function toMysqlError(thrown: unknown, { place, signal }: MysqlFailure): unknown {
  if (thrown instanceof MillraceError) return thrown;
  if (signal?.aborted === true) return toStopped(signal, thrown);
  if (!(thrown instanceof Error)) return thrown;
  const { errno = 0, code = "", fatal } = thrown as { errno?: number; code?: string; fatal?: boolean };
  const known = knownErrors.find(({ numbers }) => numbers.includes(errno));
  if (known !== undefined) {
    const isTold = known.isTold === true;
    return new MillraceError(known.code, `MySQL at \`${place}\` ${known.what}${isTold ? `: ${thrown.message}` : ""}`, {
      ...(isTold ? { cause: thrown } : {}),
      hint: known.hint,
      ...(known.mayPass === true ? { disposition: "retry" } : {}),
    });
  }
  if (errno > 0 && fatal !== true && /^ER_|^WARN_/.test(code)) {
    return new MillraceError(
      "REQUEST_REJECTED",
      `MySQL at \`${place}\` refused a statement with \`${code}\` (${errno})`,
      {
        hint: "a value does not fit its column, or a rule of the table is broken; the log of the server tells more",
      },
    );
  }
  if (!isUnreachable(code, fatal)) return thrown;
  return new MillraceError(
    "SERVICE_UNAVAILABLE",
    `MySQL at \`${place}\` cannot be reached: ${code || thrown.message}`,
    {
      cause: thrown,
      hint: "check that the server runs and that its address is right; the run is tried again later",
    },
  );
}

interface KnownError extends KnownFailure {
  readonly numbers: readonly number[];
  readonly mayPass?: true;
}

// https://mariadb.com/docs/server/reference/error-codes
const knownErrors: readonly KnownError[] = [
  {
    numbers: [1045, 1698, 1862, 3118],
    code: "AUTHENTICATION_FAILED",
    what: "refuses the user or the password",
    hint: "check the address that the variable or connection holds",
  },
  {
    numbers: [1044, 1142, 1143, 1227, 1370],
    code: "PERMISSION_DENIED",
    what: "does not permit this",
    hint: "grant the user the right that is missing",
    isTold: true,
  },
  {
    numbers: [1148, 3948, 4166],
    code: "PERMISSION_DENIED",
    what: "does not take rows by `LOAD DATA LOCAL`",
    hint: "set `local_infile` to 1 on the server",
  },
  { numbers: [1049], code: "SOURCE_MISSING", what: "has no such database", hint: "correct the address", isTold: true },
  {
    numbers: [1146, 1051],
    code: "SOURCE_MISSING",
    what: "has no such table",
    hint: "correct the name, or make the table first",
    isTold: true,
  },
  {
    numbers: [1054, 1064, 1052, 1060, 1222, 1241, 1248, 1305, 1247, 1210, 1243, 1295],
    code: "SQL_INVALID",
    what: "cannot run the statement",
    hint: "correct it; `?` stands for each of `params`",
    isTold: true,
  },
  {
    numbers: [1205, 1213, 3572],
    code: "TARGET_CONFLICT",
    what: "has locked what is needed",
    hint: "another session holds it; the run is tried again later",
  },
  {
    numbers: [1412],
    code: "SOURCE_UNREADABLE",
    what: "has changed the table since the reading began",
    hint: "somebody has altered or emptied it; the run is tried again",
    mayPass: true,
  },
  {
    numbers: [1021, 1114, 1041, 1038],
    code: "DISK_FULL",
    what: "has no room left",
    hint: "free some space on the server and run again; nothing was published",
  },
  {
    numbers: [1040, 1203, 1226],
    code: "SERVICE_UNAVAILABLE",
    what: "has no connection left",
    hint: "raise `max_connections`, or run less at once",
  },
  {
    numbers: [1053, 1077, 1129, 1130, 1290, 1792, 1836],
    code: "SERVICE_UNAVAILABLE",
    what: "does not take this now",
    hint: "it is read-only, or about to end; connect to the primary",
  },
];

function isUnreachable(code: string, fatal: boolean | undefined): boolean {
  return (
    fatal === true ||
    /^(?:ECONN|EHOST|ENET|EADDR|EAI_|ENOTFOUND|ETIMEDOUT|EPIPE|PROTOCOL_|HANDSHAKE|ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO)/.test(
      code,
    )
  );
}
