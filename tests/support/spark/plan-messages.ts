// Messages of an operation, as a server of Spark Connect sends them.
import { MessageWriter } from "../../../src/compute/spark/connect/message-writer.ts";

export const serverSession = "5e55-1";

/** @param id of the response, by which a client says how far it has read */
export function planMessage(id: string, session: string = serverSession): MessageWriter {
  return new MessageWriter().text(1, "session").text(13, id).text(15, session);
}

export interface BatchFacts {
  readonly rows: number;
  readonly data: string | Uint8Array;
  readonly firstRow?: number;
  readonly part?: number;
  readonly parts?: number;
}

export function batchMessage(id: string, { rows, data, firstRow, part, parts }: BatchFacts): MessageWriter {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  const batch = new MessageWriter().whole(1, rows).bytes(2, bytes).whole(3, firstRow).whole(4, part).whole(5, parts);
  return planMessage(id).message(2, batch);
}

export function progressMessage(id: string, tasks: number, completed: number): MessageWriter {
  const stage = new MessageWriter().whole(1, 0).whole(2, tasks).whole(3, completed).whole(4, 1_000);
  return planMessage(id).message(18, new MessageWriter().message(1, stage).whole(2, 1));
}

export function completeMessage(id: string): MessageWriter {
  return planMessage(id).message(14, new MessageWriter());
}
