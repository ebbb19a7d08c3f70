// A server of Spark Connect that plays a script: what each stream says and how it ends, and what each question is answered with.
// It understands nothing of plans, and tells what it was asked.
import {
  type Metadata,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { MessageFields } from "../../../src/compute/spark/connect/message-fields.ts";
import { MessageWriter } from "../../../src/compute/spark/connect/message-writer.ts";
import { type ScriptedFailure, toServiceError } from "./scripted-failure.ts";

/** What one stream does, in this order; a script that ends ends the stream without an error. */
export type StreamStep =
  | { readonly send: MessageWriter }
  | { readonly fail: ScriptedFailure }
  /** Does something to the world, such as cutting the connection; the stream stays open until it has been done. */
  | { readonly call: () => unknown }
  /** Says nothing more until the client leaves. */
  | { readonly hang: true };

export interface RecordedCall {
  readonly method: string;
  /** Of the request, or of the last of many. */
  readonly fields: MessageFields;
  readonly headers: Readonly<Record<string, string>>;
}

export type Answer = (call: RecordedCall) => MessageWriter | ScriptedFailure;

export interface FakeConnectServer extends AsyncDisposable {
  readonly port: number;
  readonly calls: readonly RecordedCall[];
  /** Scripts of the streams that will be asked for, one each. */
  script(...streams: readonly (readonly StreamStep[])[]): void;
  /** How a question is answered from now on; in the order given, the last one for all that follow. */
  answer(method: string, ...answers: readonly Answer[]): void;
  /** The methods of all calls without releases, in their order. */
  methods(): string[];
}

export interface FakeConnectOptions {
  readonly tls?: { readonly key: string; readonly certificate: string };
}

export async function startFakeConnectServer({ tls }: FakeConnectOptions = {}): Promise<FakeConnectServer> {
  const play = new Play();
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(serviceOf(), play.handlers());
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.certificate) },
        ]);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  return {
    port: await promise,
    calls: play.calls,
    script: (...streams) => void play.scripts.push(...streams),
    answer: (method, ...answers) => void play.answers.set(method, [...answers]),
    methods: () => play.calls.map(({ method }) => method).filter((method) => method !== "ReleaseExecute"),
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

const streams = ["ExecutePlan", "ReattachExecute"];
const questions = ["AnalyzePlan", "Config", "Interrupt", "ReleaseExecute", "ReleaseSession", "FetchErrorDetails"];

class Play {
  readonly calls: RecordedCall[] = [];
  readonly scripts: (readonly StreamStep[])[] = [];
  readonly answers = new Map<string, Answer[]>([
    ["AnalyzePlan", [() => new MessageWriter().message(8, new MessageWriter().text(1, "4.2.0"))]],
  ]);

  handlers(): UntypedServiceImplementation {
    return Object.fromEntries([
      ...streams.map((method) => [
        method,
        (call: ServerWritableStream<Buffer, Buffer>) => {
          this.#record(method, call.request, call.metadata);
          void this.#perform(call, this.scripts.shift() ?? []);
        },
      ]),
      ...questions.map((method) => [
        method,
        (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
          this.#reply(this.#record(method, call.request, call.metadata), reply);
        },
      ]),
      [
        "AddArtifacts",
        (call: ServerReadableStream<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
          call.on("data", (request: Buffer) => this.#record("AddArtifacts", request, call.metadata));
          call.on("end", () => this.#reply(this.calls.at(-1) as RecordedCall, reply));
        },
      ],
    ]);
  }

  #record(method: string, request: Buffer, metadata: Metadata): RecordedCall {
    const headers = Object.fromEntries(Object.entries(metadata.getMap()).map(([name, value]) => [name, String(value)]));
    const call = { method, fields: new MessageFields(request), headers };
    this.calls.push(call);
    return call;
  }

  async #perform(call: ServerWritableStream<Buffer, Buffer>, script: readonly StreamStep[]): Promise<void> {
    call.on("error", () => undefined);
    for (const step of script) {
      if ("hang" in step) return;
      if ("call" in step) await step.call();
      if ("fail" in step) {
        call.emit("error", toServiceError(step.fail));
        return;
      }
      if ("send" in step && !call.cancelled) call.write(Buffer.from(step.send.finish()));
    }
    if (!call.cancelled) call.end();
  }

  #reply(call: RecordedCall, reply: sendUnaryData<Buffer>): void {
    const answers = this.answers.get(call.method) ?? [];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    const value = answer?.(call) ?? new MessageWriter();
    if (value instanceof MessageWriter) reply(null, Buffer.from(value.finish()));
    else reply(toServiceError(value));
  }
}

function serviceOf(): Record<string, ServiceMethod> {
  const asIs = (bytes: Buffer): Buffer => bytes;
  const both = [...streams, ...questions, "AddArtifacts"].map((method) => [
    method,
    {
      path: `/spark.connect.SparkConnectService/${method}`,
      requestStream: method === "AddArtifacts",
      responseStream: streams.includes(method),
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  ]);
  return Object.fromEntries(both) as Record<string, ServiceMethod>;
}

interface ServiceMethod {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (bytes: Buffer) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => Buffer;
  readonly responseSerialize: (bytes: Buffer) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Buffer;
}
