// A scripted server with a session on it, for one test.
import { ConnectSession } from "../../../src/compute/spark/connect/connect-session.ts";
import type { PlanExecution, PlanResult } from "../../../src/compute/spark/connect/plan-execution.ts";
import { type FakeConnectServer, startFakeConnectServer } from "./fake-connect-server.ts";
import { createSkippingClock, type SkippingClock } from "./skipping-clock.ts";

export interface ConnectFixture extends AsyncDisposable {
  readonly server: FakeConnectServer;
  readonly session: ConnectSession;
  readonly clock: SkippingClock;
}

/** @param port of a proxy before the server, instead of the server's own */
export async function openConnect(port?: (serverPort: number) => Promise<number>): Promise<ConnectFixture> {
  const server = await startFakeConnectServer();
  const clock = createSkippingClock();
  const address = `sc://127.0.0.1:${(await port?.(server.port)) ?? server.port}`;
  const session = await ConnectSession.open({ address, clock, random: () => 0 });
  const close = async (): Promise<void> => {
    await session[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  };
  return { server, session, clock, [Symbol.asyncDispose]: close };
}

/** The texts that batches of a script hold. */
export async function readTexts(execution: PlanExecution): Promise<string[]> {
  const texts: string[] = [];
  for await (const result of execution) texts.push(toText(result));
  return texts;
}

export function toText(result: PlanResult): string {
  return Buffer.from(result.kind === "batch" ? result.bytes : result.relation).toString();
}
