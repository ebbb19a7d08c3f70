// A project folder with a data layer over it: an engine, a catalog of datasets in a file, and runs that can lose their lease.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import { createFieldCipher } from "../../../src/connections/registry/field-cipher.ts";
import { createSecretSeal } from "../../../src/connections/registry/secret-seal.ts";
import type { Engine, Row } from "../../../src/compute/engine.ts";
import type { DatasetVersion } from "../../../src/core/dataset/dataset.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { JobData, PublishRequest, PublishResult } from "../../../src/core/job/job-context.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import type { Window } from "../../../src/core/schedule/window.ts";
import type { DatasetCatalog } from "../../../src/data/datasets/dataset-catalog.ts";
import { createJobData, type CreateJobDataInput } from "../../../src/data/jobs/job-data.ts";
import type { NamedRequest } from "../../../src/data/publish/named-request.ts";
import type { DataEvent } from "../../../src/data/publish/publish-scope.ts";
import type { Failpoint } from "../../../src/data/target.ts";

const defaultKeys: readonly string[] = ["a key of at least sixteen characters"];

export interface AttemptOptions {
  /** Default: a new run. */
  readonly runId?: number;
  /** Default 1. */
  readonly epoch?: number;
  readonly failpoint?: Failpoint;
  readonly signal?: AbortSignal;
  readonly isFullRefresh?: boolean;
  /** The part of time that the run fills. */
  readonly window?: Window;
  readonly connect?: CreateJobDataInput["connect"];
  readonly topics?: CreateJobDataInput["topics"];
  /** Default: that of the project, if it has one. */
  readonly cluster?: CreateJobDataInput["cluster"];
  /** Datasets that the job declares. */
  readonly inputs?: readonly string[];
  /** Keys of values and sealed datasets, the newest first. Default: one. */
  readonly keys?: readonly string[];
  /** Default: always held. */
  readonly isHeld?: () => boolean;
}

export class DataProject implements AsyncDisposable {
  readonly root: string;
  readonly engine: Engine;
  readonly events: DataEvent[] = [];
  readonly warnings: string[] = [];
  readonly notices: string[] = [];
  /** What `freshness` checks take for now. */
  nowMs: number = Date.UTC(2026, 0, 2);
  /** What computes queries that are not for DuckDB. */
  cluster: CreateJobDataInput["cluster"];
  /** Where functions of map and reduce are called with `engine: "spark"`. */
  mapExecutors: CreateJobDataInput["mapExecutors"];
  #lastRunId = 0;

  private constructor(root: string) {
    this.root = root;
    this.engine = createDuckDbEngine({ threads: 2, memoryLimit: "1GB" });
  }

  static async create(): Promise<DataProject> {
    return new DataProject(await mkdtemp(join(tmpdir(), "millrace-data-")));
  }

  /** The same project in another process; leave it with `close`. */
  static open(root: string): DataProject {
    return new DataProject(root);
  }

  path(relative: string): string {
    return join(this.root, relative);
  }

  get staging(): string {
    return this.path(".millrace/staging");
  }

  async write(relative: string, content: string | Uint8Array): Promise<string> {
    const path = this.path(relative);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  /** Writes the rows of a query as a Parquet file. */
  async writeParquet(relative: string, sql: string): Promise<string> {
    const path = this.path(relative);
    await mkdir(dirname(path), { recursive: true });
    await using session = await this.engine.open();
    await session.writeParquet(sql, { path });
    return path;
  }

  attempt(options: AttemptOptions = {}): JobData {
    const runId = options.runId ?? this.#lastRunId + 1;
    this.#lastRunId = Math.max(this.#lastRunId, runId);
    return createJobData({
      engine: this.engine,
      catalog: this.catalog(runId, options.isHeld ?? (() => true)),
      paths: {
        root: this.root,
        lake: this.path("lake"),
        home: this.path(".millrace"),
        staging: this.staging,
        definitions: ["jobs"],
      },
      run: {
        id: runId as RunId,
        job: "test_job",
        epoch: options.epoch ?? 1,
        createdAtMs: 1_767_312_000_000 + runId,
        ...(options.window === undefined ? {} : { window: options.window }),
      },
      isFullRefresh: options.isFullRefresh ?? false,
      inputs: options.inputs ?? [],
      signal: options.signal ?? new AbortController().signal,
      log: {
        debug: () => undefined,
        info: (message) => this.notices.push(message),
        warn: (message) => this.warnings.push(message),
        error: () => undefined,
      },
      now: () => this.nowMs,
      cipher: () => createFieldCipher(options.keys ?? defaultKeys),
      seal: async () => createSecretSeal(options.keys ?? defaultKeys),
      progress: () => undefined,
      emit: (event) => void this.events.push(event),
      ...(options.connect === undefined ? {} : { connect: options.connect }),
      ...(options.topics === undefined ? {} : { topics: options.topics }),
      cluster: options.cluster ?? this.cluster,
      mapExecutors: this.mapExecutors,
      ...(options.failpoint === undefined ? {} : { failpoint: options.failpoint }),
    });
  }

  /** Takes what the compiler would refuse in a job, for tests of what happens then. */
  async publish(request: PublishRequest | NamedRequest, options: AttemptOptions = {}): Promise<PublishResult> {
    return await this.attempt(options).publish(request as PublishRequest);
  }

  /** Rows of a dataset as others read it. */
  async rows(dataset: string, sql = `select * from ${dataset} order by all`): Promise<Row[]> {
    return [...(await this.attempt({ runId: 1_000_000 }).query(sql, [dataset]))];
  }

  versions(dataset: string): readonly DatasetVersion[] {
    return this.#load()[dataset] ?? [];
  }

  catalog(runId: number, isHeld: () => boolean): DatasetCatalog {
    const assertHeld = (): void => {
      if (!isHeld()) throw new MillraceError("RUN_LOST", `lease of run \`r${runId}\` was lost`);
    };
    return {
      find: async (name, version) =>
        version === undefined ? this.versions(name).at(-1) : this.versions(name)[version - 1],
      publications: async (name) => {
        const own = this.versions(name).findLast((version) => version.runId === runId);
        const newest = this.versions(name).toSorted((a, b) => b.runId - a.runId)[0];
        return { ...(own === undefined ? {} : { own }), ...(newest === undefined ? {} : { newest }) };
      },
      names: async () => Object.keys(this.#load()),
      assertHeld: async () => assertHeld(),
      record: async (version) => {
        assertHeld();
        const before = this.versions(version.dataset);
        const first = before.findLast((known) => known.runId === version.runId);
        const isSame = JSON.stringify(first?.locations) === JSON.stringify(version.locations);
        if (first !== undefined && (version.quarantineOf === undefined || isSame)) return first;
        const recorded = { ...version, version: before.length + 1, createdAtMs: this.nowMs };
        const versions = { ...this.#load(), [version.dataset]: [...before, recorded] };
        writeFileSync(this.path("catalog.json"), JSON.stringify(versions));
        return recorded;
      },
    };
  }

  #load(): Readonly<Record<string, DatasetVersion[]>> {
    const path = this.path("catalog.json");
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, DatasetVersion[]>) : {};
  }

  async close(): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.root, { recursive: true, force: true });
  }
}
