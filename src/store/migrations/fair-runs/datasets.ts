// Versions of a dataset by the run that made them: whether a newer run has published is one look, however many versions there are.
import type { MigrationPart } from "../migration.ts";

const index = "create index dataset_by_run on dataset (name, run_id);";

export const datasetsByRun: MigrationPart = { sqlite: index, postgres: index };
