import { EventEmitter } from "node:events";
import fc from "fast-check";
import type { Connection } from "pg";
import { expect, test } from "vitest";
import { CopyFramesOut } from "./copy-frames-out.ts";

function message(code: string, body: string): Buffer {
  const text = Buffer.from(body);
  const head = Buffer.from([code.charCodeAt(0), 0, 0, 0, 0]);
  head.writeUInt32BE(text.length + 4, 1);
  return Buffer.concat([head, text]);
}

/** What comes out of the bytes of a server, which come in parts, and what the driver gets of them. */
function take(bytes: Buffer, sizes: readonly number[]): { readonly frames: Buffer; readonly driver: Buffer } {
  const driver: Buffer[] = [];
  const frames: Buffer[] = [];
  const socket = Object.assign(new EventEmitter(), { pause: () => undefined, resume: () => undefined });
  socket.on("data", (part: Buffer) => driver.push(part));
  const copied = new CopyFramesOut("COPY t TO STDOUT", (error) => error);
  copied.submit({ stream: socket, query: () => undefined } as unknown as Connection);
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    socket.emit("data", bytes.subarray(at, at + size));
    for (let part = copied.read() as Buffer | null; part !== null; part = copied.read() as Buffer | null)
      frames.push(part);
    at += size;
  }
  return { frames: Buffer.concat(frames), driver: Buffer.concat(driver) };
}

test("messages with rows come out as they are wherever they are cut, and the driver gets what comes behind them", () => {
  const row = fc.tuple(fc.constantFrom("d", "d", "d", "N", "S"), fc.string({ maxLength: 12 }));
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), sizes, fc.boolean(), (rows, parts, breaksOff) => {
      const messages = rows.map(([code, body]) => message(code, body));
      const end = breaksOff ? message("E", "an error") : message("C", `COPY ${rows.length}`);
      const bytes = Buffer.concat([
        message("H", "\0\0\0"),
        ...messages,
        ...(breaksOff ? [] : [message("c", "")]),
        end,
        message("Z", "I"),
      ]);
      const { frames, driver } = take(bytes, parts);
      const wanted = messages.filter((one) => one[0] === "d".charCodeAt(0));
      expect(frames.toString("hex")).toBe(Buffer.concat(wanted).toString("hex"));
      expect(driver.toString("hex")).toBe(Buffer.concat([end, message("Z", "I")]).toString("hex"));
    }),
    { numRuns: 300 },
  );
});
