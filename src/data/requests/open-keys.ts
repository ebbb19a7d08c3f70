// The request for keys of a source, for a run: refused where requests that carry keys would be written down, since keys change from try to try.
import { MillraceError } from "../../core/errors/errors.ts";
import { needsLedger } from "./request-journal.ts";
import type { SourceOpening } from "../source.ts";
import { type KeySource, openKeys } from "./key-batches.ts";
import type { HttpSourceOptions } from "../sources/http/options.ts";
import { type PreparedRequests, where } from "../sources/http/prepare-requests.ts";

/** @returns `undefined` for a source without keys @throws MillraceError `JOB_INVALID` */
export function openKeyedRequests(
  http: HttpSourceOptions,
  { reading }: Pick<SourceOpening, "reading">,
  { connection }: Pick<PreparedRequests, "connection">,
): KeySource | undefined {
  const source = openKeys(http, connection?.baseUrl);
  if (source === undefined) return undefined;
  const { ledger, ...others } = http;
  const isWritten =
    ledger !== false && needsLedger(ledger === undefined ? others : { ...others, ledger }, reading.effect);
  if (isWritten) {
    throw new MillraceError("JOB_INVALID", `${where} has \`keys\`, and its requests would be written to the ledger`, {
      hint: 'requests that carry keys only read: say so by `purpose: "extraction"`, or by `retry: { resend: true }`',
    });
  }
  if (reading.units?.some(({ variables }) => "keys" in variables) === true) {
    throw new MillraceError("JOB_INVALID", "an input of the job is named `keys`, as the variables of listed keys are", {
      hint: "give the input another name",
    });
  }
  return source;
}
