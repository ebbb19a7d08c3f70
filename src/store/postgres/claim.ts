// Claims: two round trips for a worker that comes back for more, of which the first can be spared. Only what limits
// apply to, or a lost answer, takes the longer way through the script that both databases share.
import type { RunId } from "../../core/run-id.ts";
import type { ClaimedRun, RunKind, WorkerId } from "../rows/run-records.ts";
import { hasBound, isOpenTo, isOrphanOf, workersInService } from "../claim/bound-lanes.ts";
import { chooseRuns } from "../claim/choose-runs.ts";
import { type ClaimedRunRow, toClaimedRun } from "../rows/claimed-run.ts";
import type { ClaimRequest } from "../claim/work-store.ts";
import type { Session, Statement } from "./database.ts";

export interface ClaimerOptions {
  readonly db: Session;
  /** The time for tests; `null`: the database's clock. */
  readonly readNow: () => number | null;
  /** The whole way: looks at limits under their locks, and gives back what the worker does not execute. */
  readonly claimByScript: (request: ClaimRequest) => Promise<readonly ClaimedRun[]>;
}

interface Lane {
  readonly laneId: number;
  readonly job: string;
  readonly kind: RunKind;
  readonly tenant: string;
  readonly gates: readonly string[];
  /** What comes before was claimed. Dead rows there cost time as long as anybody's snapshot sees them. */
  from: Position;
}

interface Position {
  readonly priority: number;
  readonly seq: number;
}

/** How long cursors are kept: what committed late with a lower number, or came with a better priority, waits no longer. */
const knownForMs = 250;

const first: Position = { priority: -2_147_483_648, seq: 0 };

/**
 * Remembers for a moment which lanes have work and how far each was claimed. Everything it remembers may be wrong: the
 * statement that takes the runs looks at the worker, the orchestrator, the limits and the rows themselves.
 */
export class Claimer {
  readonly #db: Session;
  readonly #readNow: () => number | null;
  readonly #claimByScript: ClaimerOptions["claimByScript"];
  #lanes: readonly Lane[] = [];
  /** Empty while no lane is bound to one. */
  #inService: ReadonlySet<WorkerId> = new Set();
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Limits were met since the last look, so that the short way would be in vain. */
  #isLimited = false;

  constructor({ db, readNow, claimByScript }: ClaimerOptions) {
    this.#db = db;
    this.#readNow = readNow;
    this.#claimByScript = claimByScript;
  }

  /** Call when runs became ready: what is remembered knows nothing of them. */
  forget(): void {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedRun[]> {
    if (request.limit <= 0) return [];
    const wasKnown = performance.now() - this.#lookedAt < knownForMs;
    if (!wasKnown) await this.#look();
    const runs = await this.#claimKnown(request);
    if (runs.length > 0 || !wasKnown) return runs;
    await this.#look();
    return await this.#claimKnown(request);
  }

  async #look(): Promise<void> {
    const lookedAt = performance.now();
    const { rows } = await this.#db.query<Omit<Lane, "from" | "gates"> & { gates: string }>(findOpenLanes, []);
    this.#lanes = rows.map((lane) => ({ ...lane, gates: JSON.parse(lane.gates) as string[], from: first }));
    this.#inService = await this.#findOwners();
    this.#lookedAt = lookedAt;
    this.#isLimited = false;
  }

  async #findOwners(): Promise<ReadonlySet<WorkerId>> {
    if (!hasBound(this.#lanes)) return new Set();
    const { rows } = await this.#db.query<{ id: WorkerId }>(findWorkers, []);
    return new Set(rows.map(({ id }) => id));
  }

  async #claimKnown(request: ClaimRequest): Promise<readonly ClaimedRun[]> {
    const { jobs, limit } = request;
    const lanes = this.#lanes.filter(
      ({ job, kind, gates }) =>
        (kind === "pipeline" || jobs === undefined || jobs.has(job)) && isOpenTo(request, gates, this.#inService),
    );
    if (lanes.length === 0) return [];
    if (this.#isLimited) return await this.#claimByScript(request);
    const turns = await this.#chooseLanes(lanes, request);
    if (turns.length === 0) {
      this.forget();
      return [];
    }
    const taken = await take(this.#db, { request, turns, nowMs: this.#readNow() });
    if (taken === "limited") {
      this.#isLimited = true;
      return await this.#claimByScript(request);
    }
    moveCursors(lanes, taken);
    if (taken.length < limit) this.forget();
    return inTurn(turns, taken);
  }

  /** The lane of each run to be taken, in order. */
  async #chooseLanes(lanes: readonly Lane[], { limit, afterTenant }: ClaimRequest): Promise<readonly Lane[]> {
    const [only] = lanes;
    if (lanes.length === 1 && only !== undefined) return Array.from({ length: limit }, () => only);
    const share = Math.min(limit, Math.max(8, Math.ceil((2 * limit) / lanes.length)));
    const heads = await this.#db.query<{ laneId: number } & Position>(findHeads, [...toArrays(lanes), share]);
    const byId = new Map(lanes.map((lane) => [lane.laneId, lane]));
    const candidates = heads.rows.flatMap(({ laneId, priority, seq }) => {
      const lane = byId.get(laneId);
      return lane === undefined ? [] : [{ lane, tenant: lane.tenant, gates: lane.gates, priority, seq }];
    });
    const isShared = new Set(candidates.map(({ tenant }) => tenant)).size > 1;
    const shares = isShared ? await this.#countShares() : new Map<string, number>();
    const chosen = chooseRuns({ candidates, room: new Map(), shares, limit, afterTenant });
    return chosen.map(({ lane }) => lane);
  }

  async #countShares(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.#db.query<{ tenant: string; held: number }>(countShares, []);
    return new Map(rows.map(({ tenant, held }) => [tenant, held]));
  }
}

// Hops from lane to lane along the primary key of `ready`: a seek for each lane, however many runs it has.
const findOpenLanes: Statement = {
  name: "claim_lanes",
  text: `with recursive busy (lane_id) as (
    (select lane_id from ready order by lane_id limit 1)
    union all
    select (select ready.lane_id from ready where ready.lane_id > busy.lane_id order by ready.lane_id limit 1)
    from busy where busy.lane_id is not null)
  select lane.id as "laneId", lane.job, lane.kind, lane.tenant, lane.gates from busy join lane on lane.id = busy.lane_id`,
};

const findWorkers: Statement = { name: "claim_workers", text: workersInService };

// The first runs of each lane, an ordered range of the primary key of `ready` each. No locks.
const findHeads: Statement = {
  name: "claim_heads",
  text: `select head.lane_id as "laneId", head.priority, head.seq
  from unnest($1::int[], $2::int[], $3::bigint[]) open (lane_id, priority, seq)
  cross join lateral (select ready.lane_id, ready.priority, ready.seq from ready where ready.lane_id = open.lane_id
    and (ready.priority, ready.seq) >= (open.priority, open.seq) order by ready.priority, ready.seq limit $4) head`,
};

// `lease` is as small as the slots of all workers.
const countShares: Statement = {
  name: "claim_shares",
  text: `select lane.tenant, count(*) as held from lease join lane on lane.id = lease.lane_id group by lane.tenant`,
};

/*
 * One statement, one transaction. Locks: the orchestrator's row shared, so that an emergency stop waits for this claim or this
 * claim for the stop, and the runs with skip-locked, so that claimers pass each other. The reads are an ordered range of the
 * primary key of `ready` for each lane, a Tid Scan for the delete, primary key look-ups in `run` and `loss` for each row and the
 * end of its events. Parents that have started are found by one look-up each.
 */
const takeRuns: Statement = {
  name: "claim_take",
  text: `with recursive moment as materialized (
      select coalesce($1::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint) as at),
    free as materialized (select not exists (select 1 from gate where name = any ($8::text[])
      and (capacity is not null or blocked_until is not null or half_open = 1)) as of_limits),
    running as materialized (select 1 from engine where id = 1 and claiming = 1 for share),
    claimer as materialized (select worker.name from worker, moment
      where worker.id = $2 and worker.state = 'active' and worker.expires_at > moment.at),
    quota as materialized (select q.lane_id, q.priority, q.seq, q.n
      from unnest($3::int[], $4::int[], $5::bigint[], $6::int[]) q (lane_id, priority, seq, n)
      where (select of_limits from free) and exists (select 1 from claimer) and exists (select 1 from running)),
    picked as materialized (select head.place from quota
      cross join lateral (select ready.ctid as place from ready where ready.lane_id = quota.lane_id
        and (ready.priority, ready.seq) >= (quota.priority, quota.seq)
        order by ready.priority, ready.seq limit quota.n for update skip locked) head),
    taken as (delete from ready where ready.ctid = any (array(select place from picked))
      returning run_id, lane_id, priority, seq, epoch + 1 as epoch, attempt + 1 as attempt, has_children),
    leased as (insert into lease (run_id, lane_id, worker_id, started_at, priority, epoch, attempt, has_children)
      select taken.run_id, taken.lane_id, $2, moment.at, taken.priority, taken.epoch, taken.attempt, taken.has_children
      from taken, moment),
    slotted as (insert into slot (gate, run_id) select asked.gate, taken.run_id
      from unnest($7::int[], $8::text[]) asked (lane_id, gate) join taken on taken.lane_id = asked.lane_id),
    claimed as materialized (select taken.run_id, taken.lane_id, taken.priority, taken.seq, taken.epoch, taken.attempt,
        taken.has_children, run.job, run.kind, run.root_run_id, run.parent_run_id, run.params, run.window_from, run.window_to,
        run.tenant, run.created_by, run.created_at,
        (select loss.losses from loss where loss.run_id = taken.run_id) as losses
      from taken join run on run.id = taken.run_id),
    -- Look-ups as subqueries: a join might read all runs or all starts instead. A pipeline that was taken back and begins
    -- again keeps its first start, which is in its history.
    parents (run_id) as (select claimed.parent_run_id from claimed where claimed.parent_run_id is not null
      union select (select run.parent_run_id from run where run.id = parents.run_id) from parents
        where parents.run_id is not null),
    begun as (insert into pipeline_start (run_id, started_at)
      select pipeline.run_id, coalesce((select event.at from event where event.run_id = pipeline.run_id
        and event.type = 'started' order by event.seq limit 1), moment.at)
      from (select run_id from parents union select run_id from claimed where kind = 'pipeline') pipeline, moment
      where pipeline.run_id is not null
        and (select 1 from pipeline_start known where known.run_id = pipeline.run_id) is null
      order by 1 on conflict (run_id) do nothing returning run_id),
    started as (insert into event (run_id, seq, type, data, at)
      select start.run_id, 1 + coalesce((select max(event.seq) from event where event.run_id = start.run_id), 0), 'started',
        start.data, moment.at
      from (select claimed.run_id, '{"worker":' || to_json(claimer.name) || ',"attempt":' || claimed.attempt || ',"epoch":'
          || claimed.epoch || '}' as data from claimed, claimer where claimed.kind = 'job'
        union all select begun.run_id, null from begun) start, moment)
  select free.of_limits as "ofLimits", claimed.run_id as "runId", claimed.lane_id as "laneId", claimed.priority, claimed.seq,
    claimed.epoch, claimed.attempt, claimed.has_children as "hasChildren", claimed.job, claimed.kind,
    claimed.root_run_id as "rootRunId", claimed.parent_run_id as "parentRunId", claimed.params,
    claimed.window_from as "windowFrom", claimed.window_to as "windowTo", claimed.tenant, claimed.created_by as "createdBy",
    claimed.created_at as "createdAtMs", claimed.losses
  from free left join claimed on true`,
};

interface TakenRow extends Position, Omit<ClaimedRunRow, "runId"> {
  readonly ofLimits: boolean;
  /** Null in the one row that says that there is none. */
  readonly runId: RunId | null;
  readonly laneId: number;
}

interface Taken extends Position {
  readonly laneId: number;
  readonly run: ClaimedRun;
}

/** In order of position; `limited` when a gate of these lanes has a limit, and then nothing is taken. */
async function take(
  session: Session,
  { request, turns, nowMs }: { request: ClaimRequest; turns: readonly Lane[]; nowMs: number | null },
): Promise<readonly Taken[] | "limited"> {
  const quotas = new Map<Lane, number>();
  for (const lane of turns) quotas.set(lane, (quotas.get(lane) ?? 0) + 1);
  const lanes = [...quotas.keys()];
  const gates = lanes.flatMap(({ laneId, gates: names }) => names.map((name) => ({ laneId, name })));
  const { rows } = await session.query<TakenRow>(takeRuns, [
    nowMs,
    request.workerId,
    ...toArrays(lanes),
    [...quotas.values()],
    gates.map(({ laneId }) => laneId),
    gates.map(({ name }) => name),
  ]);
  if (rows[0]?.ofLimits === false) return "limited";
  const orphaned = new Set(
    lanes.filter((lane) => isOrphanOf(request.workerId, lane.gates)).map(({ laneId }) => laneId),
  );
  return rows
    .flatMap((row) => (row.runId === null ? [] : [toTaken(row, row.runId, orphaned)]))
    .toSorted(comparePositions);
}

function toTaken({ laneId, priority, seq, ...row }: TakenRow, runId: RunId, orphaned: ReadonlySet<number>): Taken {
  return { laneId, priority, seq, run: toClaimedRun({ ...row, runId }, { isOrphan: orphaned.has(laneId) }) };
}

function moveCursors(lanes: readonly Lane[], taken: readonly Taken[]): void {
  const byId = new Map(lanes.map((lane) => [lane.laneId, lane]));
  for (const { laneId, priority, seq } of taken) {
    const lane = byId.get(laneId);
    if (lane !== undefined) lane.from = { priority, seq: seq + 1 };
  }
}

// Another claimer may have taken what was chosen; then the next of the same lane is here in its place.
function inTurn(turns: readonly Lane[], taken: readonly Taken[]): ClaimedRun[] {
  const queues = Map.groupBy(taken, ({ laneId }) => laneId);
  return turns.flatMap(({ laneId }) => {
    const next = queues.get(laneId)?.shift();
    return next === undefined ? [] : [next.run];
  });
}

function toArrays(lanes: readonly Lane[]): [number[], number[], number[]] {
  return [lanes.map(({ laneId }) => laneId), lanes.map(({ from }) => from.priority), lanes.map(({ from }) => from.seq)];
}

function comparePositions(a: Position, b: Position): number {
  return a.priority - b.priority || a.seq - b.seq;
}
