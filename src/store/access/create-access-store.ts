// Tokens and the audit over scripts.
import type { AccessStore } from "./access-store.ts";
import type { ScriptRunner } from "../rows/script-runner.ts";
import { appendAudit, findAuditEnd, findAuditHash, listAudit, verifyAuditBatch } from "./audit.ts";
import { addToken, findToken, hasStaleUse, listTokens, revokeToken, touchTokens } from "./tokens.ts";

/** Tokens of callers, and the record of what they did. */
export function createAccessStore(runner: ScriptRunner): AccessStore {
  const { read, write } = runner;
  return {
    addToken: (token) => write(({ nowMs }) => addToken(token, nowMs)),
    findToken: (id) => read(() => findToken(id)),
    listTokens: () => read(listTokens),
    revokeToken: (id, by) => write(({ nowMs }) => revokeToken(id, by, nowMs)),
    touchTokens: async (ids) => {
      // Most calls have nothing to write and leave the locks to others.
      if (!(await read(({ nowMs }) => hasStaleUse(ids, nowMs)))) return;
      await write(({ nowMs }) => touchTokens(ids, nowMs));
    },
    appendAudit: (entries) => write(({ nowMs }) => appendAudit(entries, nowMs)),
    listAudit: (filter) => read(() => listAudit(filter)),
    verifyAudit: async (range) => ({ brokenAt: await verifyAudit(runner, range) }),
  };
}

// A batch is a transaction of its own, so that a long walk holds up nobody. Entries that come meanwhile are not looked at.
async function verifyAudit(
  { read }: ScriptRunner,
  range?: { readonly fromSeq: number; readonly toSeq: number },
): Promise<number | undefined> {
  const end = await read(findAuditEnd);
  const firstSeq = Math.max(1, range?.fromSeq ?? 1);
  const lastSeq = Math.min(end.seq, range?.toSeq ?? end.seq);
  let next: { readonly nextSeq: number; readonly hash: string } | undefined;
  while ((next?.nextSeq ?? firstSeq) <= lastSeq) {
    const result = await read(() => verifyFrom(next, firstSeq, lastSeq));
    if ("brokenAt" in result) return result.brokenAt;
    next = result;
  }
  if (lastSeq === end.seq && next !== undefined && next.hash !== end.hash) return end.seq;
  const reachesEnd = range === undefined || range.toSeq > end.seq;
  return reachesEnd && !end.isLast ? end.seq + 1 : undefined;
}

function* verifyFrom(
  next: { readonly nextSeq: number; readonly hash: string } | undefined,
  firstSeq: number,
  lastSeq: number,
): ReturnType<typeof verifyAuditBatch> {
  if (next !== undefined) return yield* verifyAuditBatch(next.nextSeq, lastSeq, next.hash);
  const previousHash = yield* findAuditHash(firstSeq - 1);
  if (previousHash === undefined) return { brokenAt: firstSeq - 1 };
  return yield* verifyAuditBatch(firstSeq, lastSeq, previousHash);
}
