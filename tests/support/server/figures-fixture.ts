// Handlers over a store without runs and the real reader of a project in which figures of delivery were published.
import { createDatasetReader } from "../../../src/data/datasets/read-dataset.ts";
import type { Job } from "../../../src/core/job/job.ts";
import type { JobPipeline } from "../../../src/core/job/pipeline.ts";
import { DataProject } from "../data/data-project.ts";
import { createRestCaller, createRestFixture, type RestCaller } from "./rest-fixture.ts";

export interface FiguresFixture extends AsyncDisposable {
  readonly project: DataProject;
  readonly call: RestCaller["call"];
  readonly refusal: RestCaller["refusal"];
}

/** Disposing it removes the project. */
export async function createFiguresFixture(
  definitions: readonly (Job | JobPipeline<string>)[] = [],
): Promise<FiguresFixture> {
  const project = await DataProject.create();
  const rest = await createRestFixture();
  const catalog = project.catalog(1, () => true);
  const rows = createDatasetReader({ engine: project.engine, catalog, staging: project.staging });
  const { call, refusal } = createRestCaller(rest.store, definitions, [], {
    rows,
    store: new Proxy(rest.services.store, {
      get: (store, name: keyof typeof rest.services.store) =>
        name === "findDataset" ? (dataset: string) => catalog.find(dataset) : store[name],
    }),
  });
  return {
    project,
    call,
    refusal,
    [Symbol.asyncDispose]: async () => {
      await rest[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    },
  };
}
