// The journal of a source whose requests change something elsewhere.
import { RequestJournal, needsLedger } from "../../requests/request-journal.ts";
import type { SourceOpening } from "../../source.ts";
import type { HttpSourceOptions } from "./options.ts";

/** Nothing where requests only read. */
export function openJournal(
  http: HttpSourceOptions,
  { reading, dataset, ledger, redact }: SourceOpening,
): RequestJournal | undefined {
  if (ledger === undefined || !needsLedger(http, reading.effect)) return undefined;
  const options = http.ledger === false || http.ledger === undefined ? {} : http.ledger;
  const unknown = http.retry?.resend === true ? { unknown: "resend" as const } : {};
  return new RequestJournal({
    ledger,
    dataset,
    options: { ...unknown, ...options },
    keptHeaders: listReadHeaders(http),
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
