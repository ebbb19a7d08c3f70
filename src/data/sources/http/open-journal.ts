// The journal of a source whose requests change something elsewhere.
import type { RequestLedger } from "../../../core/connection/request-ledger.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { RemoteOptions } from "./request-options.ts";
import { RequestJournal, needsLedger } from "../../requests/request-journal.ts";
import type { SourceOpening } from "../../source.ts";
import type { HttpSourceOptions } from "./options.ts";

/** Nothing where requests only read. */
export function openJournal(http: HttpSourceOptions, opening: SourceOpening): RequestJournal | undefined {
  const { reading, ledger } = opening;
  // what a remote job has made is only read
  if (ledger === undefined || http.remote !== undefined || !needsLedger(http, reading.effect)) return undefined;
  return open(http, opening, ledger, listReadHeaders(http));
}

/** For requests that create remote jobs, which always are written down. @throws MillraceError `INTERNAL` without a store */
export function openRemoteJournal(
  http: HttpSourceOptions,
  { create }: RemoteOptions,
  opening: SourceOpening,
): RequestJournal {
  const { ledger } = opening;
  if (ledger === undefined)
    throw new MillraceError("INTERNAL", "a remote job needs a store that it is written down in");
  return open(http, opening, ledger, ["content-type", create.id?.header?.toLowerCase() ?? "location"]);
}

function open(
  { ledger: said, retry }: HttpSourceOptions,
  { dataset, redact }: Pick<SourceOpening, "dataset" | "redact">,
  ledger: RequestLedger,
  keptHeaders: readonly string[],
): RequestJournal {
  const options = said === false || said === undefined ? {} : said;
  const unknown = retry?.resend === true ? { unknown: "resend" as const } : {};
  return new RequestJournal({
    ledger,
    dataset,
    options: { ...unknown, ...options },
    keptHeaders,
    redact: (text) => redact?.(text) ?? text,
  });
}

/** Headers that something is made of. */
function listReadHeaders({ pagination, read, responses = [] }: HttpSourceOptions): readonly string[] {
  const cursor = pagination?.kind === "cursor" ? (pagination.header ?? []) : [];
  const columns = Object.values(read?.headers ?? {}).map((name) => name.replace(/\?$/, ""));
  const named = [cursor, columns, responses.flatMap(({ header = {} }) => Object.keys(header))].flat();
  return ["content-type", "link", "retry-after", ...named.map((name) => name.toLowerCase())];
}
