// Checks what a project needs to run: configuration and job files that load, a store that opens, disk space and
// permission to write.
import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { App } from "../../app/app.ts";
import { isDataAddress } from "../../core/dataset/data-address.ts";
import { withScratch } from "../../data/files/scratch-folder.ts";
import { listEnvironments } from "../../project/environments/environments.ts";
import { findProject } from "../../project/find-project.ts";
import { loadDefinitions } from "../../project/load-definitions.ts";
import { loadProjectDefinitions, type Project } from "../../project/project.ts";
import { diagnoseChannels } from "./diagnose-channels.ts";
import { isProcessDead } from "../../platforms/local/local-process.ts";
import { schemaVersion } from "../../store/migrations/migrations.ts";
import type { CommandContext } from "../command-context.ts";
import { type Diagnosis, diagnose, type Finding } from "./diagnosis.ts";
import { lookAtBucket } from "./look-at-bucket.ts";
import { lookAtSpark } from "./look-at-spark.ts";
import { formatWhen } from "../print/format-time.ts";
import { formatBytes, formatCountOf } from "../print/format-value.ts";

/** Looks at the parts in the order in which they need each other, and stops where the next cannot be looked at. */
export async function diagnoseProject(context: CommandContext, nowMs: number): Promise<Diagnosis[]> {
  const found = await diagnose("project", () => ({ detail: findProject(context.cwd).root }));
  if (found.status === "fail") return [found];
  let project: Project | undefined;
  const config = await diagnose("config", async () => {
    project = await context.loadProject({ definitions: false });
    const { layers, root } = project;
    const files = layers.map(({ file }) => relative(root, file)).join(" and ");
    return { detail: files === "" ? "none; the defaults hold" : `${files} ${layers.length > 1 ? "are" : "is"} valid` };
  });
  if (project === undefined) return [found, config];
  const opened: Project = project;
  const { paths } = opened;
  return [
    found,
    config,
    await diagnose("environment", () => ({ detail: describeEnvironment(opened) })),
    ...(await diagnoseDefinitions(project)),
    ...(isDataAddress(paths.lake) ? [] : [await diagnose("lake", () => lookAtFolder(paths.lake))]),
    ...(sharesBucket(opened) ? [] : await diagnoseSpark(opened, context)),
    ...(await diagnoseChannels(project, context.environment)),
    await diagnose("staging", () => lookAtFolder(paths.staging)),
    ...(await diagnoseStore(context, opened, nowMs)),
  ];
}

/** Whether what Spark computes lies in a bucket. */
function sharesBucket({ settings: { compute }, paths }: Project): boolean {
  return isDataAddress(compute.folder ?? paths.lake);
}

async function diagnoseSpark(project: Project, { environment }: CommandContext): Promise<Diagnosis[]> {
  if (project.settings.compute.connect === undefined) return [];
  return [await diagnose("spark", () => lookAtSpark(project, environment))];
}

function describeEnvironment({ root, environment, settings }: Project): string {
  const known = [...listEnvironments(root).keys()].join(", ");
  if (environment === undefined) return known === "" ? "none" : `none chosen; the project has: ${known}`;
  return `${environment}${settings.production ? ", which is production" : ""}; the project has: ${known}`;
}

// One after the other, so that an error in one place does not hide those in others.
async function diagnoseDefinitions(project: Project): Promise<Diagnosis[]> {
  const { root, settings } = project;
  const broken: Diagnosis[] = [];
  for (const entry of settings.jobs) {
    const looked = await diagnose(`jobs in ${entry}`, async () => {
      await loadDefinitions(root, [entry]);
      return { detail: "loads" };
    });
    if (looked.status === "fail") broken.push(looked);
  }
  if (broken.length > 0) return broken;
  const all = await diagnose("jobs", async () => {
    const { jobs, pipelines, warnings } = await loadProjectDefinitions(project);
    const detail = `${formatCountOf(jobs.size, "job")} and ${formatCountOf(pipelines.size, "pipeline")} load`;
    const [warning] = warnings;
    if (warning !== undefined) return { status: "warn", detail: `${detail}; ${warning}`, hint: secretHint };
    if (jobs.size > 0) return { detail };
    return { status: "warn", detail, hint: `put job files into ${settings.jobs.join(" or ")}` };
  });
  return [all];
}

const secretHint = "credentials in files of the project are read by everybody who reads the project";

const littleBytes = 1_000_000_000;
const tooLittleBytes = 100_000_000;

async function lookAtFolder(path: string): Promise<Finding> {
  const existing = await nearestFolder(path);
  try {
    await access(existing, constants.W_OK);
  } catch {
    return {
      status: "fail",
      detail: `not writable: ${existing}`,
      hint: "change its owner or mode, or name another folder",
    };
  }
  const { bavail, bsize } = await statfs(existing);
  const freeBytes = bavail * bsize;
  const detail = `${path}${existing === path ? "" : " (not made yet)"}: writable, ${formatBytes(freeBytes)} free`;
  if (freeBytes >= littleBytes) return { detail };
  return { status: freeBytes < tooLittleBytes ? "fail" : "warn", detail, hint: "make room on this disk" };
}

async function nearestFolder(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory() === true || dirname(folder) === folder) return folder;
  }
}

async function diagnoseStore(context: CommandContext, project: Project, nowMs: number): Promise<Diagnosis[]> {
  const { store: path } = project.paths;
  const { databaseUrl } = context.environment;
  const file = await stat(path).catch(() => undefined);
  if (databaseUrl === undefined && file === undefined) {
    const unmade = await diagnose("store", () => ({ detail: `${path}: not made yet; the first run makes it` }));
    return [unmade, ...(await diagnoseBucketsAlone(context, project))];
  }
  let app: App | undefined;
  const opened = await diagnose("store", async () => {
    app = await context.openApp({ definitions: false });
    const place = databaseUrl === undefined ? path : describeDatabase(databaseUrl);
    const size = databaseUrl === undefined && file !== undefined ? `, ${formatBytes(file.size)}` : "";
    return { detail: `${place}: schema version ${schemaVersion}${size}` };
  });
  if (app === undefined) return [opened];
  await using opens = app;
  return [
    opened,
    ...(await diagnoseBuckets(context, project)),
    await diagnose("workers", () => lookAtWorkers(opens, nowMs)),
    await diagnose("history", () => lookAtHistory(opens, nowMs)),
    await diagnose("datasets", () => lookAtDatasets(opens)),
    await diagnose("notifications", () => lookAtNotifications(opens)),
  ];
}

/** The connections of a process are opened with its store. */
async function diagnoseBuckets(context: CommandContext, project: Project): Promise<Diagnosis[]> {
  const { lake } = project.paths;
  return [
    ...(isDataAddress(lake) ? [await diagnose("lake", () => lookAtBucket(lake))] : []),
    ...(sharesBucket(project) ? await diagnoseSpark(project, context) : []),
  ];
}

/** As `diagnoseBuckets` where there is no store yet: one that is gone afterwards takes its place. */
async function diagnoseBucketsAlone(context: CommandContext, project: Project): Promise<Diagnosis[]> {
  if (!isDataAddress(project.paths.lake) && !sharesBucket(project)) return [];
  return await withScratch(async (folder) => {
    const { openApp } = await import("../../app/app.ts");
    const paths = { ...project.paths, store: join(folder, "store.db") };
    await using _app = await openApp({ project: { ...project, paths }, environment: context.environment });
    return await diagnoseBuckets(context, project);
  });
}

// Without the name and password in it.
function describeDatabase(url: string): string {
  const { host, pathname } = new URL(url);
  return `postgres ${host}${pathname}`;
}

async function lookAtWorkers({ store }: App, nowMs: number): Promise<Finding> {
  const workers = await store.listWorkers();
  const running = await store.listRuns({ state: "RUNNING", limit: 1_000 });
  const jobs = running.filter(({ kind }) => kind === "job").length;
  const dead = workers.filter((worker) => worker.expiresAtMs < nowMs || isProcessDead(worker.process));
  const alive = workers.filter((worker) => !dead.includes(worker));
  const names = (list: typeof workers): string =>
    list.length === 0 ? "" : ` (${list.map(({ name }) => name).join(", ")})`;
  const runs = `${formatCountOf(jobs, "job")} running`;
  if (dead.length === 0) return { detail: `${alive.length} alive${names(alive)}, ${runs}` };
  return {
    status: "warn",
    detail: `${alive.length} alive${names(alive)}, ${dead.length} dead${names(dead)}, ${runs}`,
    hint: "the next `millrace run` takes over what dead workers held",
  };
}

async function lookAtNotifications({ store }: App): Promise<Finding> {
  const givenUp = await store.countGivenUpNotifications();
  if (givenUp === 0) return { detail: "none given up" };
  return {
    status: "warn",
    detail: `${formatCountOf(givenUp, "message")} given up`,
    hint: "`millrace notifications list --state given_up` tells why",
  };
}

async function lookAtDatasets(app: App): Promise<Finding> {
  const [first, ...others] = await app.findDamage();
  const count = formatCountOf((await app.store.listDatasets()).length, "dataset");
  if (first === undefined) return { detail: `${count}, no damaged table` };
  const more = others.length === 0 ? "" : `; and ${others.length} more`;
  return { status: "fail", detail: `${first}${more}`, hint: "`millrace verify` names every damaged table" };
}

// Processes of one machine share its clock, so a run of the future means that the clock was set back.
async function lookAtHistory({ store }: App, nowMs: number): Promise<Finding> {
  const [newest] = await store.listRuns({ limit: 1 });
  if (newest === undefined) return { detail: "no run yet" };
  const detail = `newest run was created ${formatWhen(newest.createdAtMs, nowMs)}`;
  if (newest.createdAtMs <= nowMs + 5_000) return { detail };
  return {
    status: "warn",
    detail,
    hint: "the clock was set back: runs that wait for a time wait longer; correct the clock",
  };
}
