// Names of the jobs that every project has, which its own jobs may name as they name each other.

/** Keeps retries, health and retention going. */
export const sleepJobName = "sleep_job";

/** Does what people decide about datasets. */
export const datasetJobName = "dataset_job";

/** Makes the results of replays the datasets. */
export const swapJobName = "replay_swap";

export const builtInJobNames: readonly string[] = [sleepJobName, datasetJobName, swapJobName];
