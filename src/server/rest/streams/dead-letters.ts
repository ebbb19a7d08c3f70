// Records that could not be handled: what they are, and what becomes of them.
import type {
  ChooseDeadLetters,
  DeadLetterDetail,
  DeadLetterPage,
  DeadLetterView,
  ResolvedDeadLetters,
} from "../../../api/streams/dead-letter.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../../core/run-id.ts";
import type { DeadLetter } from "../../../core/stream/stream-ledger.ts";
import type { CallInput, Handlers } from "../../handler.ts";
import { requestInvalid } from "../../request-invalid.ts";
import type { ServerServices } from "../../server-services.ts";
import { toInstant } from "../../views/to-instant.ts";
import { toBytesView, toHeaderViews } from "./to-bytes-view.ts";

const defaultLimit = 50;
/** Resolved in one transaction. */
const stride = 200;
/** A whole value is shown, so that it can be corrected. */
const maxValueBytes = 256 * 1_024;

type Letter = Omit<DeadLetter, "payload">;

export function createDeadLetterHandlers(
  services: ServerServices,
): Handlers<"listDeadLetters" | "showDeadLetter" | "retryDeadLetters" | "discardDeadLetters"> {
  const { store, streams } = services;
  return {
    listDeadLetters: (input) => listDeadLetters(services, input),
    showDeadLetter: async ({ params }) => toDetail(services, await findLetter(services, params.dead_letter_id)),
    async retryDeadLetters({ body: { value, ...body } }) {
      if (value === undefined) return await resolve(services, body, (chosen) => store.retryDeadLetters(chosen));
      const [id, ...more] = body.ids ?? [];
      if (id === undefined || more.length > 0) {
        throw requestInvalid({ path: "body.value", message: "expected with exactly one id in `ids`" });
      }
      const { topic, payload: before } = await findLetter(services, id);
      const payload = streams.replaceValue(topic, before, value);
      return await resolve(services, body, (chosen) => store.retryDeadLetters({ ...chosen, payload }));
    },
    discardDeadLetters: ({ body }) => resolve(services, body, (chosen) => store.discardDeadLetters(chosen)),
  };
}

async function listDeadLetters(
  { store }: ServerServices,
  { query: { cursor, limit = defaultLimit, ...filter } }: CallInput<"listDeadLetters">,
): Promise<DeadLetterPage> {
  const beforeId = parseCursor(cursor);
  const [letters, groups] = await Promise.all([
    store.listDeadLetters({ ...filter, limit, ...(beforeId === undefined ? {} : { beforeId }) }),
    store.listGroups(),
  ]);
  const last = letters.at(-1);
  return {
    items: letters.map(toView),
    next_cursor: letters.length < limit || last === undefined ? null : String(last.id),
    open: groups.reduce((sum, { openDeadLetters }) => sum + openDeadLetters, 0),
  };
}

function parseCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw requestInvalid({ path: "query.cursor", message: "expected `next_cursor` of another page of this list" });
}

async function findLetter({ store }: ServerServices, id: number): Promise<DeadLetter> {
  const found = await store.findDeadLetter(id);
  if (found !== undefined) return found;
  throw new MillraceError("THING_UNKNOWN", `unknown dead letter \`${id}\``, {
    hint: "`millrace topic dead-letters` lists the newest",
  });
}

interface Chosen {
  readonly group: string;
  readonly ids?: readonly number[];
  readonly limit: number;
}

async function resolve(
  services: ServerServices,
  body: ChooseDeadLetters,
  work: (chosen: Chosen) => Promise<number>,
): Promise<ResolvedDeadLetters> {
  const { ids, group, topic, preview = false } = body;
  if ((ids === undefined) === (group === undefined)) {
    throw requestInvalid({ path: "body", message: "expected either `ids` or `group`" });
  }
  const byGroup = ids === undefined ? await findOpen(services, group ?? "", topic) : await findChosen(services, ids);
  const count = [...byGroup.values()].reduce((sum, own) => sum + own.length, 0);
  if (preview) return { count, changed: false };
  let changed = 0;
  for (const [name, own] of byGroup) {
    for (let begin = 0; begin < own.length; begin += stride) {
      changed += await work({ group: name, ids: own.slice(begin, begin + stride), limit: stride });
    }
  }
  return { count: changed, changed: changed > 0 };
}

type IdsByGroup = ReadonlyMap<string, readonly number[]>;

/** @throws MillraceError `TRANSITION_INVALID` for one that is resolved already */
async function findChosen(services: ServerServices, ids: readonly number[]): Promise<IdsByGroup> {
  const byGroup = new Map<string, number[]>();
  for (const id of new Set(ids)) {
    const { group, state } = await findLetter(services, id);
    if (state !== "open") {
      throw new MillraceError("TRANSITION_INVALID", `expected dead letter \`${id}\` to be open, got: \`${state}\``);
    }
    byGroup.set(group, [...(byGroup.get(group) ?? []), id]);
  }
  return byGroup;
}

/** All that are open now, oldest first, so that those of a key keep their order. */
async function findOpen({ store }: ServerServices, group: string, topic: string | undefined): Promise<IdsByGroup> {
  const ids: number[] = [];
  for (let beforeId: number | undefined; ;) {
    const page = await store.listDeadLetters({
      group,
      state: "open",
      limit: 1_000,
      ...(topic === undefined ? {} : { topic }),
      ...(beforeId === undefined ? {} : { beforeId }),
    });
    ids.push(...page.map(({ id }) => id));
    beforeId = page.at(-1)?.id;
    if (page.length < 1_000) break;
  }
  return new Map([[group, ids.toReversed()]]);
}

function toView(letter: Letter): DeadLetterView {
  const { id, group, job, topic, partition, offset, state, attempts, runId } = letter;
  return {
    id,
    group,
    job_name: job,
    topic,
    partition,
    offset,
    state,
    attempts,
    error: { code: letter.errorCode, message: letter.errorMessage },
    run_id: formatRunId(runId as RunId),
    at: toInstant(letter.atMs),
  };
}

function toDetail({ streams }: ServerServices, letter: DeadLetter): DeadLetterDetail {
  const record = streams.decode(letter.payload);
  return {
    ...toView(letter),
    key: toBytesView(record.key),
    value: toBytesView(record.value, { parses: true, maxBytes: maxValueBytes }),
    headers: toHeaderViews(record),
    record_at: toInstant(record.timeMs),
    code: letter.code,
  };
}
