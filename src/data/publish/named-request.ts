// A request to publish as the data layer works with it: handles of datasets are names from here on.
import type { Check } from "../../core/dataset/check.ts";
import { isDataset, toDatasetName } from "../../core/dataset/dataset-handle.ts";
import type { DatasetOutput, OutputOptions } from "../../core/dataset/dataset.ts";
import type { PublishRequest } from "../../core/job/job-context.ts";
import { sampleDataset } from "../../core/job/sample.ts";
import { replayDataset } from "../../core/stream/replay.ts";
import { listNamedTargets } from "../targets/target-registry.ts";

export interface NamedRequest extends Omit<PublishRequest, "inputs" | "output"> {
  /** `undefined`: what the query reads of the job's inputs. */
  readonly inputs?: readonly string[];
  readonly output: DatasetOutput;
}

/** Puts names in the place of handles; what is wrong with the rest is found later. */
export function toNamedRequest({ inputs, output, ...request }: PublishRequest): NamedRequest {
  return {
    ...request,
    output: toDatasetOutput(output),
    ...(inputs === undefined ? {} : { inputs: inputs.map(toDatasetName) }),
  };
}

/** An output with the name of its dataset. Anything but an object is returned as it is, for the caller to refuse. */
export function toDatasetOutput(output: OutputOptions): DatasetOutput {
  if (isDataset(output)) return { dataset: output.name };
  if (typeof output !== "object" || output === null) return output;
  return { ...output, dataset: toDatasetName(output.dataset) };
}

/** The request of a sample: its rows replace those of the sample before, in a table of their own, and checks that they break stop nothing. */
export function toSampleRequest(request: NamedRequest): NamedRequest {
  return {
    ...request,
    output: { dataset: sampleDataset(request.output.dataset), schema: "replace" },
    checks: (request.checks ?? []).flatMap(toSampleCheck),
  };
}

/** The request of a replay: its rows get in as those of the job do, in a table of the default format beside the dataset. */
export function toReplayRequest(request: NamedRequest, id: string): NamedRequest {
  const { output } = request;
  const places = new Set(listNamedTargets(output).map(({ format }) => format.name));
  const own = Object.fromEntries(Object.entries(output).filter(([name]) => !places.has(name)));
  return { ...request, output: { ...own, dataset: replayDataset(output.dataset, id) } };
}

/** How many rows there are says nothing about a sample. */
function toSampleCheck(check: Check): Check[] {
  return check.rowCount === undefined ? [{ ...check, severity: "warn" }] : [];
}
