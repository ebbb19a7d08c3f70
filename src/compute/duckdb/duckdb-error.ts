// Turns what DuckDB throws into a MillraceError: the kind of failure decides the code, and no row of data stays in the message.
import type { ErrorCode } from "../../core/errors/error-codes.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** The statement that failed, to point at the place in the user's SQL. */
export interface FailedStatement {
  readonly sql: string;
  /** Characters put before the user's SQL. */
  readonly offset?: number;
  /** Path that the statement writes to; a file there is no source. */
  readonly target?: string;
}

/** DuckDB's error as a MillraceError; a MillraceError is passed through. Expects sessions with `errors_as_json`. */
export function toEngineError(error: unknown, statement?: FailedStatement): MillraceError {
  if (error instanceof MillraceError) return error;
  const report = parseReport(error);
  const code = codeOf(report, statement?.target);
  const { message, hint } = code === "SOURCE_UNREADABLE" ? describeBadFile(report) : describe(report);
  const place = code === "SQL_INVALID" ? placeOf(report, statement) : "";
  const remedy = hint ?? hintOf(code, report);
  return new MillraceError(code, `${message}${place}`, remedy === undefined ? {} : { hint: remedy });
}

/** Tells whether the instance answers nothing any more: this statement made it invalid, or another did before. */
export function isInvalidEngine(error: unknown): boolean {
  return !(error instanceof MillraceError) && (isFatal(parseReport(error)) || isVictim(parseReport(error)));
}

/**
 * Tells whether it was invalid before this statement, so that the statement is not what broke it. An attached file that could not be
 * written is said to be invalidated as well, in other words, and the instance goes on.
 */
function isVictim({ text }: Report): boolean {
  return text.includes("database has been invalidated because of a previous fatal error");
}

function isFatal({ kind }: Report): boolean {
  return kind.toUpperCase() === "INTERNAL" || kind.toUpperCase() === "FATAL";
}

interface Report {
  readonly kind: string;
  readonly text: string;
  readonly position?: number;
  readonly candidates?: string;
  readonly errno?: number;
}

const invalidSql = new Set([
  "Parser",
  "Syntax",
  "Binder",
  "Catalog",
  "Not implemented",
  "Missing Extension",
  "Permission",
]);
const noSuchFile = 2;
const noSpace = new Set([27, 28, 122]); // EFBIG, ENOSPC, EDQUOT
const tooManyOpen = new Set([23, 24]); // ENFILE, EMFILE
/** A commit that fails tells no number. */
const noSpaceText = /No space left|File too large|Disk quota exceeded|max_temp_directory_size/;
const badFile =
  /CSV Error|sniffing file|Malformed JSON|magic bytes|Failed to read Parquet|Parquet file|parquet|TProtocolException|in file ["']|[Cc]orrupt|[Dd]ecompress|byte sequence mismatch|GZIP/;

function codeOf(report: Report, target: string | undefined): ErrorCode {
  if (isVictim(report)) return "ENGINE_RESTARTED";
  if (isFatal(report)) return "ENGINE_FAILED";
  if (invalidSql.has(report.kind)) return "SQL_INVALID";
  const { text, errno } = report;
  if ((errno !== undefined && noSpace.has(errno)) || noSpaceText.test(text)) return "DISK_FULL";
  if ((errno !== undefined && tooManyOpen.has(errno)) || text.includes("Too many open files"))
    return "OPEN_FILES_EXHAUSTED";
  if (report.kind === "IO" || report.kind === "HTTP") {
    if (target !== undefined && text.includes(target)) return "TARGET_UNREADABLE";
    if (errno === noSuchFile || /No files found|No such file|does not exist/.test(text)) return "SOURCE_MISSING";
    return "SOURCE_UNREADABLE";
  }
  return badFile.test(text) ? "SOURCE_UNREADABLE" : "SQL_FAILED";
}

/** DuckDB reports an object when `errors_as_json` is set; before that, and at start, it is `Kind Error: text`. */
function parseReport(error: unknown): Report {
  const message = error instanceof Error ? error.message : String(error);
  const json = parseJson(message.slice(message.indexOf("{")));
  if (json !== undefined) {
    return {
      kind: json.exception_type,
      text: json.exception_message ?? "",
      ...(json.position === undefined ? {} : { position: Number(json.position) }),
      ...(json.candidates === undefined ? {} : { candidates: json.candidates }),
      ...(json.errno === undefined ? {} : { errno: Number(json.errno) }),
    };
  }
  const plain = /^(?<kind>[A-Z][\w ]*?) Error: (?<text>[^]*)$/.exec(message);
  return { kind: plain?.groups?.["kind"] ?? "", text: plain?.groups?.["text"] ?? message };
}

/** DuckDB writes every field as a string. */
interface JsonReport {
  readonly exception_type: string;
  readonly exception_message?: string;
  readonly position?: string;
  readonly candidates?: string;
  readonly errno?: string;
}

function parseJson(text: string): JsonReport | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "exception_type" in value ? (value as JsonReport) : undefined;
  } catch {
    return undefined;
  }
}

interface Description {
  readonly message: string;
  readonly hint?: string;
}

function describe(report: Report): Description {
  const message = toVoice(firstLine(report.text));
  const candidates = report.candidates?.split(/, ?(?=[^)]*(?:\(|$))/).slice(0, 3);
  if (candidates === undefined || candidates.length === 0) return { message };
  return { message, hint: `did you mean ${candidates.map((name) => `\`${name.trim()}\``).join(" or ")}?` };
}

/** Names file, line, column and wanted type of a file that cannot be read; the line itself is data and is left out. */
function describeBadFile({ text }: Report): Description {
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1];
  if (line === undefined) return { message: toVoice(countFromOne(withoutValue(firstLine(text)))) };
  const file = /^\s*file = (.+)$/m.exec(text)?.[1];
  const problem = /^Error when converting column "(.*)"\. .* (?:to|as) '(.+)'$/m.exec(text);
  const what =
    problem === null
      ? toVoice(csvProblem.exec(text)?.[0] ?? "it is not valid CSV")
      : `column \`${problem[1]}\` holds a value that is not ${problem[2]}`;
  return { message: `reading${file === undefined ? "" : ` \`${file}\``} line ${line}: ${what}` };
}

/** Sentences of the CSV reader that quote nothing from the file. */
const csvProblem =
  /^(?:Expected Number of Columns: \d+ Found: \d+|Value with unterminated quote found|Invalid unicode|Maximum line size)[^\n"']*/m;

/** `JSON transform error in file "x", in line 2: Failed to cast value to numerical: "…"` without the value. */
function withoutValue(text: string): string {
  return text.replace(/^(JSON transform error in file .*?, in [^:]*: [^:"']*).*$/, "$1");
}

// DuckDB 1.5 names the line after the malformed one; its transform errors are right.
function countFromOne(text: string): string {
  if (!text.startsWith("Malformed JSON")) return text;
  return text.replace(
    / in (line|record\/value) (\d+):/,
    (_, unit: string, place: string) => ` in ${unit} ${Number(place) - 1}:`,
  );
}

function hintOf(code: ErrorCode, report: Report): string | undefined {
  if (code === "ENGINE_FAILED")
    return "the SQL engine met a bug of its own and started anew; look for what is special about the input, or upgrade the engine";
  if (code === "ENGINE_RESTARTED") return "another run broke the SQL engine; this one is executed again";
  if (code === "DISK_FULL") return "free some space, or put the temporary folder on a larger disk";
  if (code === "OPEN_FILES_EXHAUSTED") return "raise the limit of open files, e.g. with `ulimit -n`";
  if (report.kind === "Out of Memory") return "raise the engine's memory limit, or read less at once";
  return undefined;
}

function placeOf(report: Report, statement: FailedStatement | undefined): string {
  if (report.position === undefined || statement === undefined) return "";
  const at = report.position - (statement.offset ?? 0);
  const before = statement.sql.slice(statement.offset ?? 0).slice(0, at);
  if (at < 0 || before.length < at) return "";
  const lines = before.split("\n");
  return ` (line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1})`;
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]?.slice(0, 300) ?? "";
}

/** Lower case at the start, no full stop, names in backticks. */
function toVoice(text: string): string {
  const quoted = text.replaceAll(/"([^"]*)"/g, "`$1`").replace(/[.!\s]+$/, "");
  return /^[A-Z][a-z]/.test(quoted) ? quoted.charAt(0).toLowerCase() + quoted.slice(1) : quoted;
}
