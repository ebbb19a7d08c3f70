// A rotated refresh token survives the death of whoever renews it: processes really die, and the next one goes on.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startBehavingServer } from "../../support/http/behaving-server.ts";
import { rotatingTokens } from "../../support/http/rotating-tokens.ts";
import { sendWithRotatingToken } from "../../support/http/send-with-rotating-token.ts";

const program = join(import.meta.dirname, "../../support/http/renew-and-die.ts");
/** Before and after the token is taken, with the service's answer in hand, and after that was saved. */
const steps = [1, 2, 3, 4];

test("whoever comes after a renewal that was killed, at whatever step, has a token that counts", async () => {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "millrace-renew-"));
  cleanup.defer(() => rm(folder, { recursive: true }));
  const path = join(folder, "store.db");
  const tokens = rotatingTokens();
  const { origin } = cleanup.use(await startBehavingServer(tokens.behaviour));
  // The hold of a dead process ends after two minutes, which pass on the clocks of those that come later.
  let skewMs = 0;
  const survive = (): Promise<number> =>
    sendWithRotatingToken({ path, origin, holder: "survivor", skewMs: (skewMs += 130_000) });
  expect(await survive()).toBe(200);
  for (const step of steps) {
    tokens.expire();
    const args = ["--disable-warning=ExperimentalWarning", program, path, origin, `${step}`, `${(skewMs += 130_000)}`];
    const [, signal] = (await once(spawn(process.execPath, args, { stdio: "inherit" }), "exit")) as [
      unknown,
      string | null,
    ];
    expect([step, signal, await survive()]).toEqual([step, "SIGKILL", 200]);
  }
});
