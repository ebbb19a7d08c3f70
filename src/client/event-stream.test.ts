import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ClientMessage, ServerMessage } from "../api/event-message.ts";
import { connectEventStream, type EventStreamState } from "./event-stream.ts";

/** Stands in for the WebSocket of the platform; the test plays the server. */
class Socket extends EventTarget {
  static readonly OPEN = 1;
  static all: Socket[] = [];
  readonly url: string;
  readonly sent: ClientMessage[] = [];
  readyState = 0;

  constructor(url: string) {
    super();
    this.url = url;
    Socket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientMessage);
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = Socket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  say(...messages: object[]): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(messages) }));
  }

  lose(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }
}

let messages: ServerMessage[];
let states: EventStreamState["name"][];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Socket);
  Socket.all = [];
  messages = [];
  states = [];
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const listeners = {
  onMessage: (message: ServerMessage) => void messages.push(message),
  onState: ({ name }: EventStreamState) => void states.push(name),
};

it("asks for a ticket before each connection, and goes on where it was with each topic", async () => {
  let tickets = 0;
  const ticket = async (): Promise<string> => `t${(tickets += 1)}`;
  const stream = connectEventStream({
    url: "http://localhost:1/api/v1/events",
    topics: ["runs"],
    ticket,
    ...listeners,
  });
  const first = await nextSocket(0);
  expect(first.url).toBe("ws://localhost:1/api/v1/events?ticket=t1");
  first.open();
  expect(first.sent).toEqual([{ type: "subscribe", topic: "runs", batch: true, snapshot: true }]);
  first.say({ type: "subscribed", topic: "runs", pos: "7" }, event("r1", 1, "8"));
  first.lose();
  await vi.advanceTimersByTimeAsync(500);
  const second = await nextSocket(1);
  expect(second.url).toContain("ticket=t2");
  second.open();
  expect(second.sent).toEqual([{ type: "subscribe", topic: "runs", batch: true, snapshot: false, sinceSeq: "8" }]);
  second.say(event("r1", 1, "8"), event("r1", 2, "9"));
  expect(messages.flatMap((message) => ("seq" in message ? [message.seq] : []))).toEqual([1, 2]);
  expect(states).toEqual(["connecting", "open", "waiting", "connecting", "open"]);
  stream.close();
});

it("waits longer from time to time, but never longer than fifteen seconds", async () => {
  const stream = connectEventStream({ url: "ws://localhost:1/", ...listeners });
  const waits: number[] = [];
  for (let attempt = 0; attempt < 9; attempt += 1) {
    (await nextSocket(attempt)).lose();
    const { state } = stream;
    if (state.name !== "waiting") throw new Error(state.name);
    waits.push(state.retryAtMs - Date.now());
    await vi.advanceTimersByTimeAsync(state.retryAtMs - Date.now() + 1);
  }
  expect(waits[0]).toBeLessThanOrEqual(500);
  expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
  expect(waits.at(-1)).toBeGreaterThanOrEqual(7_500);
  stream.close();
});

it("gives a connection up that says nothing any more", async () => {
  const stream = connectEventStream({ url: "ws://localhost:1/", topics: ["jobs"], ...listeners });
  const socket = await nextSocket(0);
  socket.open();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(socket.sent.at(-1)).toEqual({ type: "ping" });
  socket.say({ type: "pong", at: "2026-03-01T06:00:00.000Z" });
  await vi.advanceTimersByTimeAsync(34_000);
  expect(stream.state.name).toBe("open");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(states).toEqual(["connecting", "open", "waiting", "connecting"]);
  stream.close();
});

it("is refused when there is no ticket for it, and tries again when asking failed", async () => {
  const answers = [Promise.reject(new Error("no network")), Promise.resolve(undefined)];
  const ticket = async (): Promise<undefined> => await answers.shift();
  connectEventStream({ url: "ws://localhost:1/", ticket, ...listeners });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(states).toEqual(["connecting", "waiting", "connecting", "refused"]);
  expect(Socket.all).toEqual([]);
});

it("calls nobody after it was closed", async () => {
  const stream = connectEventStream({ url: "ws://localhost:1/", topics: ["jobs"], ...listeners });
  const socket = await nextSocket(0);
  socket.open();
  stream.close();
  socket.say(event("r1", 1, "1"));
  socket.lose();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([messages, states, Socket.all.length]).toEqual([[], ["connecting", "open"], 1]);
});

it("follows and gives up topics while it is open", async () => {
  const stream = connectEventStream({ url: "ws://localhost:1/", snapshot: false, ...listeners });
  const socket = await nextSocket(0);
  stream.subscribe("jobs");
  socket.open();
  stream.subscribe("run:r7", { since: "5" });
  stream.subscribe("jobs");
  stream.unsubscribe("jobs");
  expect(socket.sent).toEqual([
    { type: "subscribe", topic: "jobs", batch: true, snapshot: false },
    { type: "subscribe", topic: "run:r7", batch: true, snapshot: false, sinceSeq: "5" },
    { type: "unsubscribe", topic: "jobs" },
  ]);
  stream.close();
});

async function nextSocket(index: number): Promise<Socket> {
  await vi.advanceTimersByTimeAsync(0);
  const socket = Socket.all[index];
  if (socket === undefined) throw new Error(`no connection ${index}`);
  return socket;
}

function event(runId: string, seq: number, pos: string): object {
  return { type: "job_event", event: "note", data: null, job_name: "etl", run_id: runId, seq, pos, state: "RUNNING" };
}
