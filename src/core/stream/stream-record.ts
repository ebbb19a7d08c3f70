// A record of a topic: bytes under a key, at an offset of a partition. Null and empty are two things, as in Kafka.

/** A name may come more than once; the order is kept. */
export interface RecordHeader {
  readonly name: string;
  readonly value: Uint8Array | null;
}

/** A record on its way into a log. */
export interface NewRecord {
  readonly key: Uint8Array | null;
  /** Null takes the key's earlier records back where a topic is folded into a store. */
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  /** When it happened, milliseconds since the Unix epoch. */
  readonly timeMs: number;
}

/** A record as it lies in a log. */
export interface LogRecord extends NewRecord {
  /** Rises within the partition; a reader must not expect the next one to be one more. */
  readonly offset: number;
}

/** Records for one partition, in the order in which they get their offsets. */
export interface PartitionRecords {
  readonly partition: number;
  readonly records: readonly NewRecord[];
}

/** What a record counts with where bytes are bounded: key, value and headers as they are encoded. */
export function sizeOfRecord({ key, value, headers }: NewRecord): number {
  let bytes = (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
  for (const header of headers) bytes += header.name.length + (header.value?.byteLength ?? 0);
  return bytes;
}
