// What peers take, by bytes and by characters.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nowMs, someMessage } from "../../../tests/support/notifications/some-message.ts";
import type { NotificationMessage } from "../../core/notification/notice.ts";
import { toPagerDutyEvent } from "../pagerduty/pagerduty-channel.ts";
import { toSlackMessage } from "../slack/slack-message.ts";
import { toSnsParameters } from "../sns/sns-parameters.ts";
import { boundedId } from "./bounded-id.ts";
import { byteLength, clipBytes, clipText, toLine } from "./clip.ts";

const origin = { project: "shöp", publicUrl: "https://mill.example.com" };
const topic = "arn:aws:sns:eu-central-1:123456789012:alerts.fifo";

describe("texts within limits", () => {
  test("a text is cut by bytes and by characters, and never within a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, limit) => {
        const byBytes = clipBytes(text, limit + 3);
        const byUnits = clipText(text, limit + 1);
        expect(byteLength(byBytes)).toBeLessThanOrEqual(limit + 3);
        expect(byUnits.length).toBeLessThanOrEqual(limit + 1);
        expect([byBytes.isWellFormed(), byUnits.isWellFormed()]).toEqual([true, true]);
        for (const cut of [byBytes, byUnits]) expect(text.startsWith(cut.replace(/…$/, ""))).toBe(true);
      }),
    );
  });

  test("a message of SNS has at most 262,144 bytes with its attributes, and a subject of plain characters", () => {
    const sent = toSnsParameters(large("é"), topic, origin);
    const attributes = Object.entries(sent).filter(([name]) => name.startsWith("MessageAttributes"));
    const values = attributes.reduce((sum, [, value]) => sum + byteLength(value), 0);
    const bytes = byteLength(sent["Message"] ?? "") + values;
    expect(bytes).toBeLessThanOrEqual(262_144);
    expect(bytes).toBeGreaterThan(262_100);
    expect(sent["Subject"]).toMatch(/^[ -~]{1,100}$/);
    expect(sent["Subject"]).toContain("shop:");
    expect(sent["MessageGroupId"]).toMatch(/^[!-~]{1,128}$/);
  });

  test("a section of Slack has at most 3,000 characters, also when every one is escaped, and keeps what to do", () => {
    for (const letter of ["x", "&"]) {
      const { blocks } = toSlackMessage(large(letter), origin) as {
        blocks: { type: string; text?: { text: string } }[];
      };
      const sections = blocks.filter(({ type }) => type === "section").map(({ text }) => text?.text ?? "");
      expect(sections.map((text) => text.length <= 3_000)).toEqual([true]);
      expect(sections[0]).toContain("What to do: start the database");
      expect(sections[0]).not.toMatch(/&[a-z]{0,3}…/);
      expect(blocks[0]?.text?.text.length).toBeLessThanOrEqual(150);
    }
  });

  test("an alarm has a summary of at most 1,024 and a key of at most 255 characters, which stays its own", () => {
    const keyOf = (thread: string): string =>
      (toPagerDutyEvent({ ...large("x"), thread }, origin) as { dedup_key: string }).dedup_key;
    const event = toPagerDutyEvent(large("x"), origin) as { payload: { summary: string } };
    expect(event.payload.summary).toHaveLength(1_024);
    const [one, other] = [keyOf(`${"k".repeat(300)}1`), keyOf(`${"k".repeat(300)}2`)];
    expect(one).toHaveLength(255);
    expect(one).not.toBe(other);
    expect(one).toBe(keyOf(`${"k".repeat(300)}1`));
    expect(boundedId("short", 255)).toBe("short");
  });

  test("a title is one line", () => {
    expect(toLine("a\r\nBcc: b\u2028c\u0007")).toBe("a Bcc: b c");
  });
});

function large(letter: string): NotificationMessage {
  const notices = someMessage.notices.map((notice) => {
    return { ...notice, job: `${"j".repeat(99)}b`, message: letter.repeat(400_000), atMs: nowMs };
  });
  return { ...someMessage, notices };
}
