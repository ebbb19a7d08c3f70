// Batches of a group, and a way past one that no run can work through.
import type { BatchView } from "../../../api/streams/batch.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../../core/run-id.ts";
import { type BatchRecord, formatBatchId } from "../../../core/stream/batch.ts";
import type { OpenBatch } from "../../../store/streams/batches/batch-store.ts";
import type { Handlers } from "../../handler.ts";
import { requestInvalid } from "../../request-invalid.ts";
import type { ServerServices } from "../../server-services.ts";
import { toInstant, toInstantOrNull } from "../../views/to-instant.ts";
import type { StreamState } from "./stream-state.ts";

const defaultLimit = 50;

export function createBatchHandlers(
  { store }: ServerServices,
  state: StreamState,
): Handlers<"listBatches" | "giveUpBatch"> {
  return {
    async listBatches({ params, query: { cursor, limit = defaultLimit } }) {
      const { group } = params;
      const before = parseCursor(cursor);
      // The group of a replay is forgotten when it is done, its batches are not.
      if ((await store.findReplay(group)) === undefined) await state.group(group);
      const page = { group, limit, ...(before === undefined ? {} : { before }) };
      const [batches, open] = await Promise.all([store.listBatches(page), store.listOpenBatches()]);
      const last = batches.at(-1);
      return {
        items: batches.map((batch) => toBatchView(batch, open)),
        next_cursor: batches.length < limit || last === undefined ? null : String(last.number),
      };
    },
    async giveUpBatch({ params: { group, batch } }, { caller }) {
      await store.giveUpBatch(group, batch, caller.name);
      const found = await store.findBatch(group, batch);
      if (found !== undefined) return toBatchView(found, []);
      throw new MillraceError("BATCH_UNKNOWN", `unknown batch \`${formatBatchId({ group, number: batch })}\``);
    },
  };
}

function parseCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw requestInvalid({ path: "query.cursor", message: "expected `next_cursor` of another page of this list" });
}

function toBatchView(batch: BatchRecord, open: readonly OpenBatch[]): BatchView {
  const { group, number, job, state, because, runId, records, bytes } = batch;
  return {
    group,
    number,
    job_name: job,
    state,
    stuck: open.some((one) => one.group === group && one.number === number && one.run !== "unfinished"),
    because,
    run_id: formatRunId(runId as RunId),
    records,
    bytes,
    ranges: batch.ranges.map(({ topic, partition, from, to }) => ({ topic: topic.name, partition, from, to })),
    first_at: toInstant(batch.firstAtMs),
    opened_at: toInstant(batch.openedAtMs),
    ended_at: toInstantOrNull(batch.endedAtMs),
    ended_by: batch.endedBy ?? null,
  };
}
