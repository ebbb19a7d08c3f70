// A server with the WebSocket alone, for the bench of live updates: `live-server.ts <store address>`. With
// `raw <runs a second>` it is a bare one that sends as many bytes to all, as often. Started with a channel to the bench.
import fastify from "fastify";
import { WebSocketServer } from "ws";
import { eventsPath } from "../../src/api/routes.ts";
import { createEventHub } from "../../src/server/ws/event-hub.ts";
import { registerEvents } from "../../src/server/ws/register-events.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";

const [address = "raw", rateText = "200"] = process.argv.slice(2);
const url = address === "raw" ? await serveRaw(Number(rateText)) : await serveEvents(address);
process.send?.({ url });
process.on("message", () => process.send?.({ residentMb: process.memoryUsage().rss / 2 ** 20 }));
process.on("disconnect", () => process.exit());

async function serveEvents(place: string): Promise<string> {
  const store = place.startsWith("postgres:")
    ? await createPostgresStore({ url: place })
    : await createSqliteStore({ path: place });
  const server = fastify();
  await registerEvents(server, {
    hub: createEventHub({ store, onError: console.error }),
    admit: async () => {},
    identityOf: () => ({ caller: { name: "bench", role: "viewer", tokenId: "bench" }, expiresAtMs: undefined }),
  });
  return (await server.listen({ host: "127.0.0.1", port: 0 })).replace("http:", "ws:") + eventsPath;
}

// Ten frames a second; a run has three events.
async function serveRaw(rate: number): Promise<string> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("connection", (socket) => socket.on("error", () => {}));
  let position = 0;
  setInterval(() => {
    const at = new Date().toISOString();
    const events = Array.from({ length: (rate * 3) / 10 }, () => ({
      type: "job_started",
      job_name: "noop",
      run_id: `r${(position += 1)}`,
      root_run_id: `r${position}`,
      parent_run_id: null,
      seq: 2,
      pos: String(position),
      at,
      state: "RUNNING",
      attempt: 1,
      worker: "bench",
    }));
    const frame = Buffer.from(JSON.stringify(events));
    for (const client of server.clients) client.send(frame, { binary: false });
  }, 100);
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new TypeError("the server is not listening");
  return `ws://127.0.0.1:${bound.port}`;
}
