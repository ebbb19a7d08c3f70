// A run's reads and fenced writes. The first write that is refused aborts the handler, so that it does not work on for nothing.
import type { DatasetVersion, RunPublications } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type {
  CheckpointVersion,
  ClaimedRun,
  Fence,
  Json,
  NewDatasetVersion,
  NewEvent,
  RunSummary,
  UnitRecord,
} from "../../store/rows/run-records.ts";
import type { CredentialSave, StoredCredential } from "../../core/connection/credential-store.ts";
import type { QuotaGrant, QuotaTake } from "../../core/connection/quota-store.ts";
import type { PlannedRequest, RequestChange, RequestPlan } from "../../core/connection/request-ledger.ts";
import type { JobMetric } from "../../core/metric/metric.ts";
import type { RegisteredConnection } from "../../store/connections/connection-store.ts";
import type { BatchRecord } from "../../core/stream/batch.ts";
import type {
  Assignment,
  BlockAppend,
  BlockRead,
  BlocksRead,
  Delivery,
  GroupDeclaration,
  ParkedRecord,
  StoredBlock,
  StreamPort,
} from "../../core/stream/stream-ledger.ts";
import type { AppendedRange, PartitionBounds, TopicDeclaration, TopicState } from "../../core/stream/stream-log.ts";
import type { BreakerRecord } from "../../store/upkeep/upkeep-store.ts";
import type { UnfinishedRead, WatermarkMove, WatermarkRecord } from "../../store/state/state-store.ts";
import type { RecordedMetric } from "../../store/record/metric-records.ts";
import type { Store } from "../../store/store.ts";
import type { AttemptPort } from "../attempt/attempt-port.ts";
import { EventAllowance } from "./event-allowance.ts";
import type { JobRegistry } from "../attempt/job-registry.ts";
import type { StepWriter } from "./step-writer.ts";
import { toSubmission } from "../submission/to-submission.ts";

export interface RunLeaseInput {
  readonly store: Store;
  readonly run: ClaimedRun;
  readonly control: AbortController;
  readonly registry: JobRegistry;
  readonly now: () => number;
  /** Writes steps of all runs of this process together. */
  readonly steps: StepWriter;
}

/** The hold of this process on one run. */
export class RunLease implements AttemptPort {
  readonly #input: RunLeaseInput;
  readonly #store: Store;
  readonly #runId: RunId;
  readonly #fence: Fence;
  // The first claim of a run finds nothing that an attempt before it could have left, so it need not look.
  readonly #isFirstClaim: boolean;
  readonly #saved = new Set<string>();
  #allowance: EventAllowance | undefined;
  #storeError: MillraceError | undefined;
  #storeCalls = 0;
  #losses: number;
  #storeMs = 0;

  constructor(input: RunLeaseInput) {
    const { runId, epoch } = input.run;
    this.#input = input;
    this.#store = input.store;
    this.#runId = runId;
    this.#fence = { runId, epoch };
    this.#isFirstClaim = epoch === 1;
    this.#losses = input.run.losses;
  }

  /** Calls of the store so far, and the time spent waiting for them. */
  get usage(): { readonly storeCalls: number; readonly storeMs: number } {
    return { storeCalls: this.#storeCalls, storeMs: this.#storeMs };
  }

  /** The last error that the store gave this attempt, beside refusals of what it asked for. */
  get storeError(): MillraceError | undefined {
    return this.#storeError;
  }

  async loadCheckpoints(): Promise<readonly CheckpointVersion[]> {
    if (this.#isFirstClaim && !this.#saved.has(checkpoints)) return [];
    return this.#call(() => this.#store.loadCheckpoints(this.#runId));
  }

  async loadUnits(loop: string): Promise<readonly UnitRecord[]> {
    if (this.#isFirstClaim && !this.#saved.has(units)) return [];
    return this.#call(() => this.#store.loadUnits(this.#runId, loop));
  }

  async loadStep(name: string): Promise<{ readonly value: Json } | undefined> {
    if (this.#isFirstClaim && !this.#saved.has(stepKey(name))) return undefined;
    return this.#call(() => this.#store.loadStep(this.#runId, name));
  }

  findUpstream(job: string): Promise<RunSummary | undefined> {
    return this.#call(() => this.#store.findUpstream(this.#runId, job));
  }

  findRun(runId: RunId): Promise<RunSummary | undefined> {
    return this.#call(() => this.#store.findRun(runId));
  }

  findDataset(name: string, version?: number): Promise<DatasetVersion | undefined> {
    return this.#call(() => this.#store.findDataset(name, version));
  }

  findPublications(name: string): Promise<RunPublications> {
    return this.#call(() => this.#store.findRunPublications(name, this.#runId));
  }

  listDatasets(): Promise<readonly DatasetVersion[]> {
    return this.#call(() => this.#store.listDatasets());
  }

  findConnection(name: string): Promise<RegisteredConnection | undefined> {
    return this.#call(() => this.#store.findConnection(name));
  }

  findCredential(name: string): Promise<StoredCredential> {
    return this.#call(() => this.#store.findCredential(name));
  }

  takeCredential(name: string, holder: string, holdMs: number): Promise<StoredCredential | undefined> {
    return this.#call(() => this.#store.takeCredential(name, holder, holdMs));
  }

  saveCredential(save: CredentialSave): Promise<boolean> {
    return this.#call(() => this.#store.saveCredential(save));
  }

  releaseCredential(name: string, holder: string): Promise<void> {
    return this.#call(() => this.#store.releaseCredential(name, holder));
  }

  readQuotaBlock(name: string): Promise<number> {
    return this.#call(() => this.#store.readQuotaBlock(name));
  }

  blockQuota(name: string, forMs: number): Promise<void> {
    return this.#call(() => this.#store.blockQuota(name, forMs));
  }

  takeQuota(take: QuotaTake): Promise<QuotaGrant> {
    return this.#call(() => this.#store.takeQuota(take));
  }

  planRequest(plan: RequestPlan): Promise<PlannedRequest> {
    return this.#call(() => this.#store.planRequest(this.#fence, plan));
  }

  findRequest(name: string): Promise<PlannedRequest | undefined> {
    return this.#call(() => this.#store.findRequest(this.#fence.runId, name));
  }

  changeRequest(name: string, change: RequestChange): Promise<void> {
    return this.#call(() => this.#store.changeRequest(this.#fence, name, change));
  }

  findWatermark(name: string): Promise<WatermarkRecord | undefined> {
    const { job, tenant } = this.#input.run;
    return this.#call(() => this.#store.findWatermark({ job, tenant, name }));
  }

  listWatermarks(): Promise<readonly WatermarkRecord[]> {
    const { job, tenant } = this.#input.run;
    return this.#call(() => this.#store.listTenantWatermarks(job, tenant));
  }

  findUnfinishedRead(step: string): Promise<UnfinishedRead | undefined> {
    const { job, tenant } = this.#input.run;
    return this.#call(() => this.#store.findUnfinishedRead({ job, tenant, before: this.#runId, step }));
  }

  advanceWatermarks(moves: readonly WatermarkMove[]): Promise<readonly WatermarkRecord[]> {
    return this.#call(() => this.#store.advanceWatermarks(this.#fence, moves));
  }

  async loadMetrics(): Promise<readonly JobMetric[]> {
    if (this.#isFirstClaim && !this.#saved.has(metricsKey)) return [];
    return this.#call(() => this.#store.listRunMetrics(this.#runId));
  }

  saveCheckpoint(data: Json): Promise<void> {
    this.#saved.add(checkpoints);
    return this.#call(() => this.#store.saveCheckpoint(this.#fence, data));
  }

  saveUnits(records: readonly UnitRecord[]): Promise<void> {
    this.#saved.add(units);
    return this.#call(() => this.#store.saveUnits(this.#fence, records));
  }

  saveStep(name: string, value: Json): Promise<void> {
    this.#saved.add(stepKey(name));
    return this.#call(() => this.#input.steps.save({ ...this.#fence, name, value }));
  }

  async appendEvents(events: readonly NewEvent[]): Promise<void> {
    this.#allowance ??= new EventAllowance(this.#input.now);
    const allowed = this.#allowance.take(events);
    if (allowed.length > 0) await this.#call(() => this.#store.appendEvents(this.#fence, allowed));
  }

  /** What is still to be told about dropped events when the attempt ends. */
  takeNotices(): readonly NewEvent[] {
    return this.#allowance?.takeNotice() ?? [];
  }

  recordMetrics(metrics: readonly RecordedMetric[]): Promise<void> {
    this.#saved.add(metricsKey);
    return this.#call(() => this.#store.recordMetrics(this.#fence, this.#input.run.attempt, metrics));
  }

  recordDataset(version: NewDatasetVersion): Promise<DatasetVersion> {
    return this.#call(() => this.#store.recordDataset(this.#fence, version));
  }

  async spawn(name: string, job: string, params: Readonly<Record<string, Json>>): Promise<RunId> {
    const { run, registry } = this.#input;
    const { runKey: _everyTimeAnew, ...submission } = toSubmission(registry.job(job), {
      params,
      tenant: run.tenant,
      createdBy: formatRunId(run.runId),
    });
    const { rootRunId, created } = await this.#call(() => this.#store.spawn(this.#fence, name, submission));
    if (!created) assertSameSpawn(run, name, job, await this.findRun(rootRunId));
    return rootRunId;
  }

  assertHeld(): Promise<void> {
    return this.#call(async () => {
      const held = await this.#store.heldFences([this.#fence]);
      if (held.length === 0)
        throw new MillraceError("RUN_LOST", `lease of run \`${formatRunId(this.#runId)}\` was lost`);
    });
  }

  findBreaker(name: string): Promise<BreakerRecord | undefined> {
    return this.#call(() => this.#store.findBreaker(name));
  }

  saveBreaker(record: BreakerRecord): Promise<boolean> {
    return this.#call(() => this.#store.saveBreaker(record));
  }

  readClockMs(): Promise<number> {
    return this.#call(() => this.#store.readClockMs());
  }

  declareTopic(declaration: TopicDeclaration): Promise<TopicState> {
    return this.#call(() => this.#store.declareTopic(declaration));
  }

  findTopic(name: string): Promise<TopicState | undefined> {
    return this.#call(() => this.#store.findTopic(name));
  }

  listTopics(): Promise<readonly TopicState[]> {
    return this.#call(() => this.#store.listTopics());
  }

  readBounds(topicIds: readonly string[]): Promise<ReadonlyMap<string, readonly PartitionBounds[]>> {
    return this.#call(() => this.#store.readBounds(topicIds));
  }

  appendBlocks(appends: readonly BlockAppend[]): Promise<readonly (readonly AppendedRange[])[]> {
    return this.#call(() => this.#store.appendBlocks(appends));
  }

  readBlocks(read: BlockRead): Promise<BlocksRead> {
    return this.#call(() => this.#store.readBlocks(read));
  }

  findBlockAt(at: Parameters<StreamPort["findBlockAt"]>[0]): Promise<StoredBlock | undefined> {
    return this.#call(() => this.#store.findBlockAt(at));
  }

  truncateTopic(at: Parameters<StreamPort["truncateTopic"]>[0]): Promise<void> {
    return this.#call(() => this.#store.truncateTopic(at));
  }

  deleteTopic(topicId: string): Promise<void> {
    return this.#call(() => this.#store.deleteTopic(topicId));
  }

  claimPartitions(declaration: GroupDeclaration): Promise<Assignment> {
    return this.#call(() => this.#store.claimPartitions(this.#fence, declaration));
  }

  releasePartitions(...[group, partitions]: Parameters<StreamPort["releasePartitions"]>): Promise<void> {
    return this.#call(() => this.#store.releasePartitions(this.#fence, group, partitions));
  }

  async deliver(delivery: Delivery): Promise<readonly (readonly AppendedRange[])[]> {
    const ranges = await this.#call(() => this.#store.deliver(this.#fence, delivery));
    await this.#forgetLosses(delivery);
    return ranges;
  }

  listParked(query: Parameters<StreamPort["listParked"]>[0]): Promise<readonly ParkedRecord[]> {
    return this.#call(() => this.#store.listParked(query));
  }

  findBatch(group: string, number: number): Promise<BatchRecord | undefined> {
    return this.#call(() => this.#store.findBatch(group, number));
  }

  endBatch(...[group, number, result, deadLetters]: Parameters<AttemptPort["endBatch"]>): Promise<void> {
    return this.#call(() => this.#store.endBatch(this.#fence, group, number, result, deadLetters));
  }

  findReplay(id: string): ReturnType<StreamPort["findReplay"]> {
    return this.#call(() => this.#store.findReplay(id));
  }

  noteReplayOutput(...[id, output]: Parameters<StreamPort["noteReplayOutput"]>): Promise<void> {
    return this.#call(() => this.#store.noteReplayOutput(this.#fence, id, output));
  }

  readJoins(query: Parameters<StreamPort["readJoins"]>[0]): ReturnType<StreamPort["readJoins"]> {
    return this.#call(() => this.#store.readJoins(query));
  }

  listDueJoins(query: Parameters<StreamPort["listDueJoins"]>[0]): ReturnType<StreamPort["listDueJoins"]> {
    return this.#call(() => this.#store.listDueJoins(query));
  }

  measureJoins(query: Parameters<StreamPort["measureJoins"]>[0]): ReturnType<StreamPort["measureJoins"]> {
    return this.#call(() => this.#store.measureJoins(query));
  }

  touchPayloads(payloads: Parameters<StreamPort["touchPayloads"]>[0]): Promise<readonly string[]> {
    return this.#call(() => this.#store.touchPayloads(payloads));
  }

  // A run that goes on for months meets many deaths: those before it made progress say nothing about it.
  async #forgetLosses({ partitions }: Delivery): Promise<void> {
    if (this.#losses === 0 || !partitions.some(({ moves }) => moves.some(({ from, to }) => to > from))) return;
    this.#losses = 0;
    await this.#call(() => this.#store.forgetLosses(this.#fence));
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    const startedAtMs = this.#input.now();
    try {
      return await call();
    } catch (error) {
      if (error instanceof MillraceError && error.code === "RUN_LOST") this.#input.control.abort(error);
      if (error instanceof MillraceError && error.disposition === "retry") this.#storeError = error;
      throw error;
    } finally {
      this.#storeCalls += 1;
      this.#storeMs += Math.max(0, this.#input.now() - startedAtMs);
    }
  }
}

const checkpoints = "checkpoints";
const units = "units";
const metricsKey = "metrics";

function stepKey(name: string): string {
  return `step ${name}`;
}

// The params may have changed with the day or with chance; another job under the name is another order of spawns.
function assertSameSpawn({ job: spawner }: ClaimedRun, name: string, job: string, made: RunSummary | undefined): void {
  if (made === undefined || made.job === job) return;
  const message = `expected spawn \`${name}\` of job \`${spawner}\` to start \`${made.job}\` as in an earlier attempt, got: \`${job}\``;
  throw new MillraceError("WAIT_CHANGED", message, {
    hint: "the code changed, or spawns come in another order: give each a `name`",
  });
}
