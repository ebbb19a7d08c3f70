// Turns a request into that of a sample: its rows replace those of the sample before, in a table of their own, and checks that they
// break are told and stop nothing.
import type { Check } from "../../core/dataset/check.ts";
import { sampleDataset } from "../../core/job/sample.ts";
import type { NamedRequest } from "./named-request.ts";

export function toSampleRequest(request: NamedRequest): NamedRequest {
  return {
    ...request,
    output: { dataset: sampleDataset(request.output.dataset), schema: "replace" },
    checks: (request.checks ?? []).flatMap(toSampleCheck),
  };
}

/** How many rows there are says nothing about a sample. */
function toSampleCheck(check: Check): Check[] {
  return check.rowCount === undefined ? [{ ...check, severity: "warn" }] : [];
}
