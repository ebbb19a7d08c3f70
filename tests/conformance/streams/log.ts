// The contract of the log port. Every adapter runs this suite; what it does not say, readers and writers must not rely on.
import { afterAll, beforeAll, describe } from "vitest";
import { describeAppending } from "./log-appending.ts";
import type { CreateLog, LogTraits, LogUnderTest } from "./log-fixture.ts";
import { describeReading } from "./log-reading.ts";
import { describeTopics } from "./log-topics.ts";

/** Declares the suite for one adapter. The log is made once; each test has topics of its own. */
export function describeStreamLog(name: string, create: CreateLog, traits: LogTraits): void {
  describe(`${name} log`, () => {
    let made: LogUnderTest | undefined;

    beforeAll(async () => {
      made = await create();
    });

    afterAll(async () => {
      await made?.[Symbol.asyncDispose]();
    });

    const given = (): LogUnderTest => {
      if (made === undefined) throw new Error("the log was not made");
      return made;
    };
    describe("topics come and go", () => {
      describeTopics(given);
    });
    describe("records are appended", () => {
      describeAppending(given, traits);
    });
    describe("records are read", () => {
      describeReading(given);
    });
  });
}
