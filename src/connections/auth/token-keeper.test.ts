import { expect, test } from "vitest";
import { dyingAt, MemoryCredentialStore } from "../../../tests/support/http/memory-credential-store.ts";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { CredentialStore } from "../../core/connection/credential-store.ts";
import type { SecretSeal } from "./seal.ts";
import type { TokenGrant } from "./token-grant.ts";
import { TokenKeeper, type TokenKeeperOptions } from "./token-keeper.ts";

/** A service with rotating tokens: the one before stays valid until the new one is used. */
class Service {
  given = 0;
  #firstValid = 0;
  lifetimeMs: number | undefined = undefined;

  async renew(refreshToken: string): Promise<{ token: string; refreshToken: string; lifetimeMs: number | undefined }> {
    await Promise.resolve();
    this.use(refreshToken);
    this.given += 1;
    return { token: `access-${this.given}`, refreshToken: `refresh-${this.given}`, lifetimeMs: this.lifetimeMs };
  }

  use(token: string): void {
    const number = Number(token.split("-")[1]);
    if (number < this.#firstValid) throw new MillraceError("AUTHENTICATION_FAILED", `the service forgot ${token}`);
    this.#firstValid = number;
  }
}

const seal: SecretSeal = {
  seal: (secret, purpose) => Buffer.from(`${purpose}|${secret}`).toString("base64"),
  open: (sealed) => Buffer.from(sealed, "base64").toString().split("|").slice(1).join("|"),
};

function givenKeepers(): {
  readonly service: Service;
  readonly store: MemoryCredentialStore;
  readonly clock: { nowMs: number };
  readonly secrets: Set<string>;
  readonly start: (
    holder: string,
    options?: Partial<TokenKeeperOptions> & { readonly initial?: string },
  ) => TokenKeeper;
} {
  const service = new Service();
  const clock = { nowMs: 1_000_000 };
  const secrets = new Set<string>();
  const store = new MemoryCredentialStore(() => clock.nowMs);
  const grantOf = (initial: string): TokenGrant => ({
    fingerprint: initial,
    header: "authorization",
    prefix: "Bearer ",
    request: (before) => ({ method: "POST", url: `http://x/${before?.refreshToken ?? initial}` }),
    read: (body) => body as ReturnType<TokenGrant["read"]>,
  });
  return {
    service,
    store,
    clock,
    secrets,
    start: (holder, { initial = "refresh-0", ...options } = {}) =>
      new TokenKeeper({
        name: "crm",
        store,
        seal,
        holder,
        grant: grantOf(initial),
        clock: {
          now: () => clock.nowMs,
          sleep: async (ms) => {
            clock.nowMs += ms;
            await Promise.resolve();
          },
        },
        fetchGrant: ({ url }) => service.renew(url.split("/").at(-1) ?? ""),
        onSecret: (secret) => secrets.add(secret),
        ...options,
      }),
  };
}

test("many callers at once make one request", async () => {
  const { service, start } = givenKeepers();
  const keeper = start("a");
  const tokens = await Promise.all(Array.from({ length: 20 }, () => keeper.get()));
  expect(new Set(tokens.map(({ token }) => token))).toEqual(new Set(["access-1"]));
  expect(service.given).toBe(1);
});

test("other workers use the token that the first one got, and all wait for one that renews it", async () => {
  const { service, start } = givenKeepers();
  const workers = ["a", "b", "c"].map((holder) => start(holder));
  await Promise.all(workers.map((worker) => worker.get()));
  expect(service.given).toBe(1);
  const refused = await workers[0]!.get();
  const replaced = await Promise.all(workers.map((worker) => worker.replace(refused)));
  expect(replaced.map(({ token }) => token)).toEqual(["access-2", "access-2", "access-2"]);
  expect(service.given).toBe(2);
});

test("who comes late with a token that was replaced meanwhile gets the new one", async () => {
  const { service, start } = givenKeepers();
  const keeper = start("a");
  const refused = await keeper.get();
  await keeper.replace(refused);
  expect((await keeper.replace(refused)).token).toBe("access-2");
  expect(service.given).toBe(2);
});

test("a token is renewed a little before it ends", async () => {
  const { service, clock, start } = givenKeepers();
  service.lifetimeMs = 600_000;
  const keeper = start("a");
  await keeper.get();
  clock.nowMs += 530_000;
  expect((await keeper.get()).token).toBe("access-1");
  clock.nowMs += 20_000;
  expect((await keeper.get()).token).toBe("access-2");
});

test("a process that dies at any await leaves a token that the next one can renew", async () => {
  let deaths = 0;
  for (let call = 1; call <= 3; call += 1) {
    for (const diesInRequest of [false, true]) {
      const { service, store, clock, start } = givenKeepers();
      const first = await start("a").get();
      service.use(first.token);
      const dying: CredentialStore = diesInRequest ? store : dyingAt(store, call);
      const died = start("b", {
        store: dying,
        ...(diesInRequest ? { fetchGrant: async ({ url }) => hang(service.renew(url.split("/").at(-1) ?? "")) } : {}),
      });
      void died.replace(first);
      await new Promise((resolve) => setImmediate(resolve));
      deaths += 1;
      const next = await start("c").replace(first);
      service.use(next.token);
      expect(next.version).toBeGreaterThan(first.version);
      expect(clock.nowMs - 1_000_000).toBeLessThanOrEqual(130_000);
    }
  }
  expect(deaths).toBe(6);
});

async function hang(work: Promise<unknown>): Promise<never> {
  await work;
  return await new Promise<never>(() => undefined);
}

test("a token is in the store before anybody gets it", async () => {
  const { store, start } = givenKeepers();
  const seen: string[] = [];
  const slow: CredentialStore = {
    findCredential: (name) => store.findCredential(name),
    takeCredential: (...request) => store.takeCredential(...request),
    releaseCredential: (...request) => store.releaseCredential(...request),
    saveCredential: async (save) => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push("saved");
      return await store.saveCredential(save);
    },
  };
  await start("a", { store: slow }).get();
  seen.push("given");
  expect(seen).toEqual(["saved", "given"]);
});

test("the store sees no token in the clear, and each one is masked from then on", async () => {
  const { store, secrets, start } = givenKeepers();
  await start("a").get();
  expect((await store.findCredential("crm")).sealed).not.toContain("access-1");
  expect([...secrets]).toEqual(["access-1", "refresh-1"]);
});

test("a new first refresh token in the settings starts anew with it", async () => {
  const { start } = givenKeepers();
  await start("a").get();
  expect((await start("b", { initial: "refresh-1" }).get()).token).toBe("access-2");
});

test("a failed renewal frees the credential for the next try", async () => {
  const { start, clock } = givenKeepers();
  const broken = start("a", { fetchGrant: () => Promise.reject(new MillraceError("AUTHENTICATION_FAILED", "no")) });
  expect((await expectFailure(broken.get())).code).toBe("AUTHENTICATION_FAILED");
  expect((await start("b").get()).token).toBe("access-1");
  expect(clock.nowMs).toBe(1_000_000);
});

test("an abort ends the wait of one caller, and the others get the token", async () => {
  const { start } = givenKeepers();
  const keeper = start("a");
  const reason = new Error("stopped");
  const stopped = keeper.get({ signal: AbortSignal.abort(reason) }).catch((error: unknown) => error);
  expect((await keeper.get()).token).toBe("access-1");
  expect(await stopped).toBe(reason);
});
