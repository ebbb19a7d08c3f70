// The tables of options in the documents, made from the specs of the components. A document says where one goes:
// `<!-- options: csv -->` … `<!-- /options -->`.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { authSpec, databaseConnectionSpec, httpConnectionSpec } from "../../../src/core/connection/connection-spec.ts";
import {
  s3ConnectionSpec,
  sftpConnectionSpec,
  webHdfsConnectionSpec,
} from "../../../src/core/connection/file-connection-spec.ts";
import { datasetSpec } from "../../../src/core/dataset/dataset-handle.ts";
import { jobOptionsSpec } from "../../../src/core/job/job-options.ts";
import { jobSpec } from "../../../src/core/job/job.ts";
import { jobFactorySpec } from "../../../src/core/job/job-factory.ts";
import { addJobSpec, pipelineSpec } from "../../../src/core/job/pipeline.ts";
import {
  emailChannelSpec,
  pagerDutyChannelSpec,
  slackChannelSpec,
  snsChannelSpec,
  webhookChannelSpec,
} from "../../../src/core/notification/channel-spec.ts";
import { jobNotificationsSpec, notificationRuleSpec } from "../../../src/core/notification/notification-rule.ts";
import { kafkaLogSpec, kafkaTlsSpec } from "../../../src/core/stream/kafka-log-options.ts";
import { recoverySpec, retrySpec, tierSpec } from "../../../src/core/recovery/retry-policy.ts";
import { scheduleSpec } from "../../../src/core/schedule/schedule.ts";
import { toDocsTable } from "../../../src/core/spec/docs-table.ts";
import type { Spec } from "../../../src/core/spec/spec.ts";
import { checkSpec } from "../../../src/data/checks/check-definition.ts";
import type { StepKind } from "../../../src/data/convert/convert-step.ts";
import { stepKinds } from "../../../src/data/convert/step-registry.ts";
import { outputSpec } from "../../../src/data/dataset-output.ts";
import { integrationJobSpec } from "../../../src/data/jobs/integration-job.ts";
import { aggregateJobSpec } from "../../../src/data/jobs/aggregate-job.ts";
import { mapReduceJobSpec } from "../../../src/data/jobs/map-reduce-job.ts";
import { sqlJobSpec } from "../../../src/data/jobs/sql-job.ts";
import { csvColumnSpec, csvSpec } from "../../../src/data/sources/csv/options.ts";
import type { SourceKind } from "../../../src/data/source.ts";
import { fileFormats } from "../../../src/data/sources/format-registry.ts";
import { sourceSpec } from "../../../src/data/sources/source-options.ts";
import { keysSpec } from "../../../src/data/sources/http/request-options.ts";
import { sourceKinds } from "../../../src/data/sources/source-registry.ts";
import { targetFormats } from "../../../src/data/targets/target-registry.ts";
import { inputSpec } from "../../../src/data/units/input-options.ts";
import { extractors } from "../../../src/loads/extractors/extractors.ts";
import { jdbcPropertiesSpec } from "../../../src/loads/jdbc/jdbc-options.ts";
import { loadJobSpec } from "../../../src/loads/load-job.ts";
import { loaders } from "../../../src/loads/loaders/loaders.ts";
import { declaredFieldSpec } from "../../../src/project/declared/declared-fields.ts";
import { dialectTables } from "./dialect-tables.ts";
import { lookupSpec } from "../../../src/core/stream/lookup.ts";
import { storeSpec } from "../../../src/core/stream/store.ts";
import { topicSpec } from "../../../src/core/stream/topic.ts";
import { batchJobSpec } from "../../../src/stream/batches/batch-job.ts";
import { batchSpec } from "../../../src/stream/batches/batch-options.ts";
import { joinJobSpec } from "../../../src/stream/jobs/join-job.ts";
import { streamJobSpec } from "../../../src/stream/jobs/stream-job.ts";
import { projectSpec } from "../../../src/project/project-options.ts";

/** A table by its name in the documents. */
export const optionTables: ReadonlyMap<string, string> = new Map([
  ["job", toDocsTable(jobOptionsSpec)],
  ["defineJob", toDocsTable(jobSpec, jobOptionsSpec)],
  ["integrationJob", toDocsTable(integrationJobSpec, jobOptionsSpec)],
  ["streamJob", toDocsTable(streamJobSpec, jobOptionsSpec)],
  ["streamJob of batches", toDocsTable(batchJobSpec, jobOptionsSpec)],
  ["batch", toDocsTable(batchSpec)],
  ["joinJob", toDocsTable(joinJobSpec, jobOptionsSpec)],
  ["defineTopic", toDocsTable(topicSpec)],
  ["defineLookup", toDocsTable(lookupSpec)],
  ["defineStore", toDocsTable(storeSpec)],
  ["joinJob", toDocsTable(joinJobSpec, jobOptionsSpec)],
  ["defineTopic", toDocsTable(topicSpec)],
  ["defineLookup", toDocsTable(lookupSpec)],
  ["aggregateJob", toDocsTable(aggregateJobSpec, jobOptionsSpec)],
  ["mapReduceJob", toDocsTable(mapReduceJobSpec, jobOptionsSpec)],
  ["sqlJob", toDocsTable(sqlJobSpec, jobOptionsSpec)],
  ["defineJobFactory", toDocsTable(jobFactorySpec, jobOptionsSpec)],
  ["loadJob", toDocsTable(loadJobSpec, jobOptionsSpec)],
  ["extractors", extractors.map((strategy) => toStrategy("Extractor", strategy)).join("\n\n")],
  ["loaders", loaders.map((strategy) => toStrategy("Loader", strategy)).join("\n\n")],
  ["jdbc properties", toDocsTable(jdbcPropertiesSpec)],
  ["pipeline", toDocsTable(pipelineSpec)],
  ["addJob", toDocsTable(addJobSpec)],
  ["schedule", toDocsTable(scheduleSpec)],
  ["input", toDocsTable(inputSpec)],
  ["retry", toDocsTable(retrySpec)],
  ["recovery", toDocsTable(recoverySpec)],
  ["recovery tier", toDocsTable(tierSpec)],
  ["declared field", toDocsTable(declaredFieldSpec)],
  ["dataset", toDocsTable(datasetSpec)],
  ["check", toDocsTable(checkSpec)],
  ["convert", stepKinds.map(toStep).join("\n\n")],
  ["source", toDocsTable(sourceSpec)],
  ["sources", sourceKinds.flatMap(toDetail).join("\n\n")],
  ["keys", toDocsTable(keysSpec)],
  ["csv", toDocsTable(csvSpec)],
  ["csv column", toDocsTable(csvColumnSpec)],
  ["file formats", fileFormats.map((format) => toSection("source.file", format)).join("\n\n")],
  ["output", toDocsTable(outputSpec)],
  ["targets", targetFormats.map((format) => toSection("output", format)).join("\n\n")],
  ["project", toDocsTable(projectSpec)],
  ["connection", toDocsTable(httpConnectionSpec)],
  ["connection s3", toDocsTable(s3ConnectionSpec)],
  ["connection sftp", toDocsTable(sftpConnectionSpec)],
  ["connection webhdfs", toDocsTable(webHdfsConnectionSpec)],
  ["connection auth", toDocsTable(authSpec)],
  ["channel email", toDocsTable(emailChannelSpec)],
  ["channel slack", toDocsTable(slackChannelSpec)],
  ["channel sns", toDocsTable(snsChannelSpec)],
  ["channel pagerduty", toDocsTable(pagerDutyChannelSpec)],
  ["channel webhook", toDocsTable(webhookChannelSpec)],
  ["notification rule", toDocsTable(notificationRuleSpec)],
  ["job notifications", toDocsTable(jobNotificationsSpec)],
  ["database connection", toDocsTable(databaseConnectionSpec)],
  ["kafka", toDocsTable(kafkaLogSpec)],
  ["kafka tls", toDocsTable(kafkaTlsSpec)],
  ...dialectTables,
]);

function toDetail({ name, summary, detail }: SourceKind): string[] {
  return detail === undefined ? [] : [toSection("source", { name, summary, options: detail })];
}

function toStep({ name, summary, options }: StepKind): string {
  return `### \`${name}\`\n\nThis step ${summary}.\n\n${toDocsTable(options)}`;
}

function toStrategy(kind: string, { name, summary, options }: DescribedFormat & { options: Spec<object> }): string {
  return `### ${kind} \`${name}\`\n\nIt is for ${summary}.\n\n${toDocsTable(options)}`;
}

interface DescribedFormat {
  readonly name: string;
  readonly summary: string;
  readonly options?: Spec<object>;
}

/** The options of a format, below the option that holds them. */
function toSection(place: string, { name, summary, options }: DescribedFormat): string {
  const table = options === undefined ? "It takes no options." : toDocsTable(options);
  const sentence = `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`;
  return `### \`${place}.${name}\`\n\n${sentence}\n\n${table}`;
}

export interface Page {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** The documents below `docs`. @param root of the repository */
export async function readPages(root: string): Promise<Page[]> {
  const names = await readdir(join(root, "docs"), { recursive: true });
  const paths = names.filter((name) => name.endsWith(".md")).map((name) => join(root, "docs", name));
  return await Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, "utf8") })));
}

/** The document with its tables as they are now. A table that nobody knows stays. */
export function fillTables(text: string, tables: ReadonlyMap<string, string> = optionTables): string {
  return text.replaceAll(place, (whole, start: string, name: string, end: string) => {
    const table = tables.get(name);
    return table === undefined ? whole : `${start}${table}\n${end}`;
  });
}

/** Names of the tables that a document has a place for. */
export function listTables(text: string): string[] {
  return [...text.matchAll(place)].map(([, , name = ""]) => name);
}

const place = /(<!-- options: (.+?) -->\n)[^]*?(<!-- \/options -->)/g;
