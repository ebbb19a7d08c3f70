// A broker that speaks as much of Kafka's protocol as reading and appending need, and misbehaves when it is told to. What real ones
// do is tested against one, in tests/services/kafka.
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { ByteReader } from "../../../src/stream/kafka/wire/byte-reader.ts";
import { ByteWriter } from "../../../src/stream/kafka/wire/byte-writer.ts";
import { readHead } from "../../../src/stream/kafka/wire/record-batch.ts";

export interface FakeTopic {
  id: string;
  start: number;
  /** Of its only partition, by offset. */
  readonly batches: Buffer[];
}

/** Numbers of requests. */
export const apis = {
  produce: 0,
  fetch: 1,
  listOffsets: 2,
  metadata: 3,
  saslHandshake: 17,
  apiVersions: 18,
  initProducer: 22,
  describeConfigs: 32,
  saslAuthenticate: 36,
} as const;

/** One node, topics with one partition each. */
export class FakeBroker {
  readonly topics = new Map<string, FakeTopic>();
  /** What was asked, by number of the request. */
  readonly seen: number[] = [];
  /** Sequences of batches that were sent, in the order in which they came. */
  readonly sequences: number[] = [];
  /** Looks at a request before it is answered; `close` ends the connection instead of an answer. */
  onRequest: (key: number) => "answer" | "close" | "swallow" = () => "answer";
  /** Error of the next fetches, as Kafka numbers it. */
  fetchError = 0;
  /** Error of a batch that is sent, as Kafka numbers it. */
  produceError: (batch: Buffer) => number = () => 0;
  passwords: readonly string[] = [];
  port = 0;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();

  async start(): Promise<void> {
    const server = createServer((socket) => this.#serve(socket)).listen(this.port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address !== null) this.port = address.port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const closed = this.#server?.listening === true ? once(this.#server, "close") : undefined;
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  addTopic(name: string, id: string, batches: Buffer[] = []): FakeTopic {
    const topic = { id, start: 0, batches };
    this.topics.set(name, topic);
    return topic;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let pending = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const length = pending.readInt32BE(0);
        this.#answer(socket, pending.subarray(4, 4 + length));
        pending = pending.subarray(4 + length);
      }
    });
  }

  #answer(socket: Socket, bytes: Buffer): void {
    const body = new ByteReader(bytes);
    const key = body.int16();
    body.int16();
    const correlation = body.int32();
    body.take(body.int16());
    const isOld = key === apis.saslHandshake || key === apis.apiVersions;
    if (!isOld) body.skipTags();
    this.seen.push(key);
    const answer = this.#bodyOf(key, body);
    const reaction = this.onRequest(key);
    if (reaction === "close") socket.destroy();
    if (reaction !== "answer") return;
    const head = new ByteWriter(16);
    head.int32(4 + (isOld ? 0 : 1) + answer.length);
    head.int32(correlation);
    if (!isOld) head.unsigned(0);
    socket.write(Buffer.concat([head.done(), answer.done()]));
  }

  #bodyOf(key: number, body: ByteReader): ByteWriter {
    const answer = new ByteWriter(256);
    if (key === apis.metadata) this.#metadata(answer);
    if (key === apis.fetch) this.#fetch(body, answer);
    if (key === apis.produce) this.#produce(body, answer);
    if (key === apis.listOffsets) this.#listOffsets(body, answer);
    if (key === apis.initProducer) {
      answer.int32(0);
      answer.int16(0);
      answer.int64(4_711 + this.seen.length);
      answer.int16(0);
    }
    if (key === apis.describeConfigs) this.#describeConfigs(answer);
    if (key === apis.apiVersions) answer.raw(Buffer.from("0000000000010024000000020000000000", "hex").subarray(0, 16));
    if (key === apis.saslHandshake) {
      answer.int16(0);
      answer.int32(0);
    }
    if (key === apis.saslAuthenticate) this.#authenticate(body, answer);
    if (key !== apis.apiVersions && key !== apis.saslHandshake) answer.unsigned(0);
    return answer;
  }

  #authenticate(body: ByteReader, answer: ByteWriter): void {
    const [, , password = ""] = body
      .take(body.unsigned() - 1)
      .toString()
      .split("\0");
    const isRight = this.passwords.includes(password);
    answer.int16(isRight ? 0 : 58);
    text(answer, isRight ? null : "refused");
    text(answer, "");
    answer.int64(0);
  }

  #metadata(answer: ByteWriter): void {
    answer.int32(0);
    answer.unsigned(2);
    answer.int32(1);
    text(answer, "127.0.0.1");
    answer.int32(this.port);
    text(answer, null);
    answer.unsigned(0);
    text(answer, "cluster");
    answer.int32(1);
    answer.unsigned(this.topics.size + 1);
    for (const [name, { id }] of this.topics) {
      answer.int16(0);
      text(answer, name);
      answer.raw(Buffer.from(id.replaceAll("-", ""), "hex"));
      answer.int8(0);
      answer.unsigned(2);
      answer.int16(0);
      for (const number of [0, 1, 0]) answer.int32(number);
      for (let list = 0; list < 3; list += 1) answer.unsigned(1);
      answer.unsigned(0);
      answer.int32(0);
      answer.unsigned(0);
    }
  }

  #fetch(body: ByteReader, answer: ByteWriter): void {
    body.take(4 + 4 + 4 + 1 + 4 + 4);
    body.unsigned();
    const id = body.uuid();
    body.unsigned();
    body.take(4 + 4);
    const offset = body.int64();
    const topic = [...this.topics.values()].find((one) => one.id === id);
    const inRange = topic !== undefined && offset >= topic.start && offset <= endOf(topic);
    const batches = inRange ? topic.batches.filter((batch) => (readHead(batch, 0)?.nextOffset ?? 0) > offset) : [];
    for (const number of [0]) answer.int32(number);
    answer.int16(0);
    answer.int32(0);
    answer.unsigned(2);
    answer.raw(Buffer.from(id.replaceAll("-", ""), "hex"));
    answer.unsigned(2);
    answer.int32(0);
    answer.int16(topic === undefined ? 100 : inRange ? this.fetchError : 1);
    for (let bound = 0; bound < 2; bound += 1) answer.int64(topic === undefined ? -1 : endOf(topic));
    answer.int64(topic?.start ?? -1);
    answer.unsigned(0);
    answer.int32(-1);
    const bytes = Buffer.concat(batches);
    answer.unsigned(bytes.length + 1);
    answer.raw(bytes);
    for (let end = 0; end < 2; end += 1) answer.unsigned(0);
  }

  #produce(body: ByteReader, answer: ByteWriter): void {
    body.unsigned();
    body.take(2 + 4);
    body.unsigned();
    const name = body.take(body.unsigned() - 1).toString();
    body.unsigned();
    body.int32();
    const batch = Buffer.from(body.take(body.unsigned() - 1));
    const topic = this.topics.get(name);
    const sequence = batch.readInt32BE(53);
    const error = topic === undefined ? 3 : this.produceError(batch);
    const isSame = (one: Buffer): boolean => one.readBigInt64BE(43) === batch.readBigInt64BE(43);
    const known = topic?.batches.find((one) => isSame(one) && one.readInt32BE(53) === sequence);
    const offset = known === undefined ? endOf(topic) : Number(known.readBigInt64BE(0));
    this.sequences.push(sequence);
    if (known === undefined && error === 0) {
      batch.writeBigInt64BE(BigInt(offset), 0);
      topic?.batches.push(batch);
    }
    answer.unsigned(2);
    text(answer, name);
    answer.unsigned(2);
    answer.int32(0);
    answer.int16(error);
    for (const number of [offset, -1, 0]) answer.int64(number);
    answer.unsigned(1);
    text(answer, null);
    for (let end = 0; end < 2; end += 1) answer.unsigned(0);
    answer.int32(0);
  }

  #listOffsets(body: ByteReader, answer: ByteWriter): void {
    body.take(4 + 1);
    body.unsigned();
    const name = body.take(body.unsigned() - 1).toString();
    body.unsigned();
    body.take(4 + 4);
    const time = body.int64();
    const topic = this.topics.get(name);
    answer.int32(0);
    answer.unsigned(2);
    text(answer, name);
    answer.unsigned(2);
    answer.int32(0);
    answer.int16(0);
    answer.int64(-1);
    answer.int64(time === -2 ? (topic?.start ?? 0) : endOf(topic));
    answer.int32(0);
    for (let end = 0; end < 2; end += 1) answer.unsigned(0);
  }

  /** As of topics that say nothing. */
  #describeConfigs(answer: ByteWriter): void {
    answer.int32(0);
    answer.unsigned(1);
  }
}

function endOf(topic: FakeTopic | undefined): number {
  const last = topic?.batches.at(-1);
  return last === undefined ? (topic?.start ?? 0) : (readHead(last, 0)?.nextOffset ?? 0);
}

function text(writer: ByteWriter, value: string | null): void {
  const bytes = value === null ? null : Buffer.from(value);
  writer.unsigned(bytes === null ? 0 : bytes.length + 1);
  if (bytes !== null) writer.raw(bytes);
}
