// Schemas of replays.
import { z } from "zod";
import { replayNamePattern } from "../../../core/stream/replay.ts";
import type { Loose, SchemasOf } from "../../route-schemas.ts";
import type { ReplayView } from "../../streams/replay.ts";
import { instantField, jobNameField, listOf, reasonField, runIdField } from "../fields.ts";

const replayView: z.ZodType<Loose<ReplayView>> = z
  .object({
    replay: z.string().describe("its group, such as `sums@replay-1`"),
    job_name: z.string(),
    state: z.enum(["running", "ready", "swapping", "swapped", "cancelled", "failed"]),
    done: z.int(),
    total: z.int().describe("offsets without a record count"),
    eta: instantField.nullable().describe("when it is done at the rate so far"),
    ranges: z.array(
      z.object({
        topic: z.string(),
        partition: z.int(),
        from: z.int(),
        to: z.int(),
        offset: z.int().describe("where it stands"),
      }),
    ),
    with_effects: z.boolean().describe("records that handlers produce are appended, and connections may be used"),
    swap: z.boolean().describe("becomes the datasets as soon as it is ready"),
    run_id: runIdField.nullable(),
    outputs: z.array(z.object({ dataset: z.string(), replay_dataset: z.string() })),
    created_at: instantField,
    created_by: z.string(),
    ended_at: instantField.nullable(),
    error: z.string().nullable().describe("why it failed"),
  })
  .meta({ id: "Replay" });

const replayParams = z.strictObject({ replay: z.string().min(1).max(300) });

const placeField = z.union([
  z.strictObject({ offset: z.int().min(0) }).describe("an offset of every partition"),
  z.strictObject({ at: instantField }).describe("the first record at or after this time"),
]);

const decision = { params: replayParams, body: z.strictObject({ reason: z.exactOptional(reasonField) }) };

export const replaySchemas: SchemasOf<"listReplays" | "showReplay" | "startReplay" | "swapReplay" | "cancelReplay"> = {
  listReplays: { query: z.strictObject({ job: z.exactOptional(jobNameField) }), response: listOf(replayView) },
  showReplay: { params: replayParams, response: replayView },
  startReplay: {
    params: z.strictObject({ job_name: jobNameField }),
    body: z.strictObject({
      from: z.exactOptional(placeField).describe("default: as early as the topics go"),
      to: z
        .exactOptional(placeField)
        .describe("default: where the topics end now; with `swap` where the live group stands"),
      name: z.exactOptional(z.string().regex(replayNamePattern)),
      swap: z.exactOptional(z.boolean()),
      with_effects: z.exactOptional(z.boolean()),
      reason: z.exactOptional(reasonField),
    }),
    response: replayView,
  },
  swapReplay: { ...decision, response: replayView },
  cancelReplay: { ...decision, response: replayView },
};
