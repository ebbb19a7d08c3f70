// Many clients of one server in one process: `live-clients.ts <url> <count>`, told what to do over the channel to the bench.
// Frames are the same for all, so each is read once and found again by its bytes; every client counts what it got itself.
import { WebSocket } from "ws";
import type { ServerMessage } from "../../src/api/event-message.ts";

const [url = "", countText = "0"] = process.argv.slice(2);

interface Frame {
  readonly bytes: Buffer;
  readonly positions: readonly number[];
  readonly times: readonly number[];
  readonly isSubscribed: boolean;
  readonly resyncs: number;
}

interface Client {
  socket: WebSocket;
  /** Newest position, `undefined` before the first. */
  position: number | undefined;
  received: number;
  repeated: number;
  resyncs: number;
  isBack: boolean;
}

const clients: Client[] = [];
/** How often a message took so many milliseconds. */
const delays = new Uint32Array(60_000);
const recent: Frame[] = [];

process.on("message", (order: "connect" | "reconnect" | "report") => {
  if (order === "report") process.send?.(report());
  else void (order === "connect" ? connectAll() : reconnectAll()).then((answer) => process.send?.(answer));
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });

async function connectAll(): Promise<{ connectedMs: number }> {
  const startedAtMs = performance.now();
  for (let index = 0; index < Number(countText); index += 1) {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    const client = { socket, position: undefined, received: 0, repeated: 0, resyncs: 0, isBack: false };
    clients.push(client);
    open(client, socket);
  }
  await untilAllBack();
  return { connectedMs: performance.now() - startedAtMs };
}

async function reconnectAll(): Promise<{ reconnectedMs: number }> {
  for (const client of clients) {
    client.isBack = false;
    client.socket.terminate();
  }
  const startedAtMs = performance.now();
  for (const client of clients) {
    client.socket = new WebSocket(url, { perMessageDeflate: false });
    open(client, client.socket);
  }
  await untilAllBack();
  return { reconnectedMs: performance.now() - startedAtMs };
}

async function untilAllBack(): Promise<void> {
  while (clients.some(({ isBack }) => !isBack)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function open(client: Client, socket: WebSocket): void {
  socket.on("open", () => {
    const since = client.position === undefined ? {} : { sinceSeq: client.position };
    socket.send(JSON.stringify({ type: "subscribe", topic: "runs", batch: true, snapshot: false, ...since }));
  });
  socket.on("message", (data: Buffer) => {
    if (client.socket === socket) take(client, read(data));
  });
  // One that the server was too busy for comes again, as the client of the product does.
  socket.on("error", () => {});
  socket.on("close", () => {
    if (client.socket !== socket) return;
    setTimeout(() => {
      if (client.socket !== socket) return;
      client.socket = new WebSocket(url, { perMessageDeflate: false });
      open(client, client.socket);
    }, 200);
  });
}

function take(client: Client, frame: Frame): void {
  // The bare server answers nothing.
  if (frame.isSubscribed || frame.positions.length > 0) client.isBack = true;
  client.resyncs += frame.resyncs;
  const nowMs = Date.now();
  for (const [index, position] of frame.positions.entries()) {
    if (client.position !== undefined && position <= client.position) {
      client.repeated += 1;
      continue;
    }
    client.position = position;
    client.received += 1;
    const delayMs = Math.max(0, Math.min(delays.length - 1, nowMs - (frame.times[index] ?? nowMs)));
    delays[delayMs] = (delays[delayMs] ?? 0) + 1;
  }
}

function read(bytes: Buffer): Frame {
  for (const frame of recent) if (frame.bytes.equals(bytes)) return frame;
  const parsed = JSON.parse(bytes.toString()) as ServerMessage | ServerMessage[];
  const messages = Array.isArray(parsed) ? parsed : [parsed];
  const events = messages.filter((message) => "run_id" in message && "pos" in message);
  const frame: Frame = {
    bytes,
    positions: events.map(({ pos }) => Number(pos)),
    times: events.map(({ at }) => Date.parse(at)),
    isSubscribed: messages.some(({ type }) => type === "subscribed"),
    resyncs: messages.filter(({ type }) => type === "resync").length,
  };
  recent.unshift(frame);
  if (recent.length > 8) recent.pop();
  return frame;
}

// Gives the counts since the last report.
function report(): object {
  const total = delays.reduce((sum, count) => sum + count, 0);
  const counts = clients.map(({ received }) => received);
  const answer = {
    total,
    delays: Array.from(delays.slice(0, delays.findLastIndex((count) => count > 0) + 1)),
    fewest: Math.min(...counts),
    most: Math.max(...counts),
    repeated: clients.reduce((sum, { repeated }) => sum + repeated, 0),
    resyncs: clients.reduce((sum, { resyncs }) => sum + resyncs, 0),
  };
  delays.fill(0);
  return answer;
}
