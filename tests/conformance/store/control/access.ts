// The contract of tokens and of the audit.
import { expect, test } from "vitest";
import type { NewAuditEntry, NewToken } from "../../../../src/store/access/access-store.ts";
import { codeOf, createStoreFixture, type CreateStore } from "../store-fixture.ts";

export function describeAccess(createStore: CreateStore): void {
  test("a token is found by its id, with what it was made of", async () => {
    await using fixture = await createStoreFixture(createStore);
    const token = newToken("a1", { expiresAtMs: fixture.clock.now() + 1_000 });
    await fixture.store.addToken(token);
    const unused = { lastUsedAtMs: undefined, revokedAtMs: undefined, revokedBy: undefined };
    expect(await fixture.store.findToken("a1")).toEqual({ ...token, ...unused, createdAtMs: fixture.clock.now() });
    expect(await fixture.store.findToken("a2")).toBeUndefined();
    expect(await fixture.store.findToken("A1")).toBeUndefined();
  });

  test("an id is taken once, also by a token that ended", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.addToken(newToken("a1"));
    await fixture.store.revokeToken("a1", "root");
    expect(await codeOf(fixture.store.addToken(newToken("a1", { name: "other" })))).toBe("VALUE_INVALID");
    expect((await fixture.store.findToken("a1"))?.name).toBe("token a1");
  });

  test("tokens are listed newest first", async () => {
    await using fixture = await createStoreFixture(createStore);
    for (const id of ["c", "a", "b"]) {
      await fixture.store.addToken(newToken(id));
      fixture.clock.advance(1);
    }
    expect((await fixture.store.listTokens()).map(({ id }) => id)).toEqual(["b", "a", "c"]);
  });

  test("a token is revoked once, and who did it first is kept", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.addToken(newToken("a1"));
    const revokedAtMs = fixture.clock.now();
    expect(await fixture.store.revokeToken("a1", "root")).toBe(true);
    fixture.clock.advance(5);
    expect(await fixture.store.revokeToken("a1", "another")).toBe(false);
    expect(await fixture.store.revokeToken("nobody", "root")).toBe(false);
    expect(await fixture.store.findToken("a1")).toMatchObject({ revokedAtMs, revokedBy: "root" });
  });

  test("use is noted at most once a minute", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.addToken(newToken("a1"));
    await fixture.store.addToken(newToken("a2"));
    const usedAtMs = async (): Promise<number | undefined> => (await fixture.store.findToken("a1"))?.lastUsedAtMs;
    const firstAtMs = fixture.clock.now();
    await fixture.store.touchTokens(["a1", "a1", "unknown"]);
    expect(await usedAtMs()).toBe(firstAtMs);
    fixture.clock.advance(59_999);
    await fixture.store.touchTokens(["a1"]);
    expect(await usedAtMs()).toBe(firstAtMs);
    fixture.clock.advance(1);
    await fixture.store.touchTokens(["a1"]);
    expect(await usedAtMs()).toBe(firstAtMs + 60_000);
    await fixture.store.touchTokens([]);
    expect((await fixture.store.findToken("a2"))?.lastUsedAtMs).toBeUndefined();
  });

  test("the audit keeps entries in their order, as they were written", async () => {
    await using fixture = await createStoreFixture(createStore);
    const entries = [
      newEntry("startJob", { params: { n: 1, text: 'x"\u0000\ud800', ["__proto__"]: null } }),
      newEntry("stopRun", null),
    ];
    await fixture.store.appendAudit(entries);
    await fixture.store.appendAudit([]);
    fixture.clock.advance(7);
    await fixture.store.appendAudit([newEntry("startJob", [], "bob")]);
    const listed = await fixture.store.listAudit({ limit: 10 });
    const atMs = fixture.clock.now();
    const hash: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(listed).toEqual([
      { ...newEntry("startJob", [], "bob"), seq: 3, atMs, hash },
      { ...entries[1], seq: 2, atMs: atMs - 7, hash },
      { ...entries[0], seq: 1, atMs: atMs - 7, hash },
    ]);
    expect(new Set(listed.map((entry) => entry.hash)).size).toBe(3);
    expect(await fixture.store.verifyAudit()).toEqual({ brokenAt: undefined });
  });

  test("the audit is read by actor and action, in pages", async () => {
    await using fixture = await createStoreFixture(createStore);
    const actors = ["ann", "bob", "ann", "bob", "ann"];
    await fixture.store.appendAudit(actors.map((actor, at) => newEntry(at < 3 ? "startJob" : "stopRun", null, actor)));
    const seqs = async (filter: object): Promise<number[]> =>
      (await fixture.store.listAudit({ limit: 10, ...filter })).map(({ seq }) => seq);
    expect(await seqs({})).toEqual([5, 4, 3, 2, 1]);
    expect(await seqs({ limit: 2, beforeSeq: 4 })).toEqual([3, 2]);
    expect(await seqs({ actor: "ann" })).toEqual([5, 3, 1]);
    expect(await seqs({ actor: "ann", beforeSeq: 5, limit: 1 })).toEqual([3]);
    expect(await seqs({ action: "stopRun" })).toEqual([5, 4]);
    expect(await seqs({ actor: "ann", action: "startJob" })).toEqual([3, 1]);
    expect(await seqs({ actor: "' or 1=1 --" })).toEqual([]);
  });

  test("writers of several processes make one chain", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    const write = async (store: typeof other, actor: string): Promise<void> => {
      for (let count = 0; count < 20; count += 1) {
        await store.appendAudit([newEntry("startJob", { count }, actor), newEntry("stopRun", { count }, actor)]);
      }
    };
    await Promise.all([write(fixture.store, "ann"), write(other, "bob"), write(fixture.store, "cy")]);
    const seqs = (await fixture.store.listAudit({ limit: 200 })).map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: 120 }, (_, index) => 120 - index));
    expect(await other.verifyAudit()).toEqual({ brokenAt: undefined });
  });

  test("a chain of many batches holds, whole and in ranges", async () => {
    await using fixture = await createStoreFixture(createStore);
    for (let batch = 0; batch < 5; batch += 1) {
      await fixture.store.appendAudit(
        Array.from({ length: 500 }, (_, index) => newEntry("startJob", { batch, index })),
      );
    }
    const sound = { brokenAt: undefined };
    expect(await fixture.store.verifyAudit()).toEqual(sound);
    expect(await fixture.store.verifyAudit({ fromSeq: 999, toSeq: 2_001 })).toEqual(sound);
    expect(await fixture.store.verifyAudit({ fromSeq: 2_500, toSeq: 9_999 })).toEqual(sound);
    expect(await fixture.store.verifyAudit({ fromSeq: 5_000, toSeq: 9_999 })).toEqual(sound);
  });
}

function newToken(id: string, overrides: Partial<NewToken> = {}): NewToken {
  const made = { name: `token ${id}`, role: "viewer", secretHash: `hash of ${id}`, createdBy: "root" };
  return { id, ...made, expiresAtMs: undefined, ...overrides };
}

function newEntry(action: string, detail: NewAuditEntry["detail"], actor = "ann"): NewAuditEntry {
  return { actor, action, target: "job:etl", detail, outcome: "allowed" };
}
