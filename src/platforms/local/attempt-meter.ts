// What attempts use of this machine. In the worker's own thread processor and memory are those of the whole process, and the
// network is told apart by the asynchronous context in which a request was made.
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import { getHeapStatistics } from "node:v8";

/** Counters of one attempt; zeros are left out. */
export interface LocalMetrics {
  readonly cpuMs?: number;
  readonly peakMemoryBytes?: number;
  readonly networkBytesIn?: number;
  readonly networkBytesOut?: number;
  readonly networkRequests?: number;
}

export interface LocalMeter {
  measure<T>(work: () => Promise<T>): { readonly done: Promise<T>; read(): LocalMetrics };
}

/** What the figures are about: everything that shares this process, this thread, or a process of its own. */
export type MeterScope = "shared" | "thread" | "process";

interface Traffic {
  bytesIn: number;
  bytesOut: number;
  requests: number;
}

/** Reading these costs 3 µs and 30 µs, so figures of the whole process may be this old. */
const cpuFreshMs = 1;
const memoryFreshMs = 100;

const attempts = new AsyncLocalStorage<Traffic>();
let isListening = false;

/** A meter of this process or thread. */
export function createAttemptMeter(scope: MeterScope): LocalMeter {
  listenToRequests();
  const memory = createMemoryGauge(scope);
  const cpuMs = createCpuGauge(scope);
  return {
    measure(work) {
      const traffic: Traffic = { bytesIn: 0, bytesOut: 0, requests: 0 };
      const startCpuMs = cpuMs();
      let peakMemoryBytes = memory();
      return {
        done: attempts.run(traffic, work),
        read() {
          peakMemoryBytes = Math.max(peakMemoryBytes, memory());
          return { cpuMs: roundMs(cpuMs() - startCpuMs), peakMemoryBytes, ...toFigures(traffic) };
        },
      };
    },
  };
}

function toFigures({ bytesIn, bytesOut, requests }: Traffic): LocalMetrics {
  if (requests === 0) return {};
  return { networkBytesIn: bytesIn, networkBytesOut: bytesOut, networkRequests: requests };
}

function createCpuGauge(scope: MeterScope): () => number {
  // Node tells of a thread since 23.9; before that the process is the best there is.
  if (scope === "thread" && typeof process.threadCpuUsage === "function") return () => toMs(process.threadCpuUsage());
  return scope === "process" ? () => toMs(process.cpuUsage()) : nowAndThen(cpuFreshMs, () => toMs(process.cpuUsage()));
}

function toMs({ user, system }: { readonly user: number; readonly system: number }): number {
  return (user + system) / 1_000;
}

function createMemoryGauge(scope: MeterScope): () => number {
  if (scope === "thread") return () => getHeapStatistics().total_heap_size + getHeapStatistics().external_memory;
  // In kilobytes, the greatest in the life of the process.
  if (scope === "process") return () => process.resourceUsage().maxRSS * 1_024;
  return nowAndThen(memoryFreshMs, () => process.memoryUsage.rss());
}

function nowAndThen(freshMs: number, read: () => number): () => number {
  let readAtMs = -Infinity;
  let value = 0;
  return () => {
    const nowMs = performance.now();
    if (nowMs - readAtMs > freshMs) [readAtMs, value] = [nowMs, read()];
    return value;
  };
}

// `fetch` and undici: the headers' size is not told, so bytes are those of bodies.
function listenToRequests(): void {
  if (isListening) return;
  isListening = true;
  const byRequest = new WeakMap<object, Traffic>();
  const trafficOf = (message: unknown): Traffic | undefined => byRequest.get((message as { request: object }).request);
  subscribe("undici:request:create", (message) => {
    const traffic = attempts.getStore();
    if (traffic === undefined) return;
    traffic.requests += 1;
    byRequest.set((message as { request: object }).request, traffic);
  });
  subscribe("undici:request:bodyChunkSent", (message) => {
    const traffic = trafficOf(message);
    if (traffic !== undefined) traffic.bytesOut += (message as { chunk: Uint8Array | string }).chunk.length;
  });
  subscribe("undici:request:bodyChunkReceived", (message) => {
    const traffic = trafficOf(message);
    if (traffic !== undefined) traffic.bytesIn += (message as { chunk: Uint8Array | string }).chunk.length;
  });
}

function roundMs(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
