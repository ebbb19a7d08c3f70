import { expect, test } from "vitest";
import { SuspectGate } from "./suspect-gate.ts";

test("partitions go one after the other, the one that was lost most often first, and the others begin after all of them", async () => {
  const gate = new SuspectGate();
  gate.register(0, 1);
  gate.register(1, 1);
  gate.register(2, 3);
  const order: string[] = [];
  const suspect = async (partition: number): Promise<void> => {
    await gate.enter(partition);
    order.push(`${partition} begins`);
    await Promise.resolve();
    order.push(`${partition} ends`);
    gate.leave(partition);
  };
  const other = gate.opened().then(() => order.push("others"));
  await Promise.all([suspect(0), suspect(1), suspect(2), other]);
  expect(order).toEqual(["2 begins", "2 ends", "0 begins", "0 ends", "1 begins", "1 ends", "others"]);
});

test("a partition that is left before its turn keeps nobody waiting", async () => {
  const gate = new SuspectGate();
  gate.register(0, 2);
  gate.register(1, 1);
  const second = gate.enter(1);
  expect([gate.isTaken(0), gate.isTaken(1)]).toEqual([false, true]);
  gate.leave(0);
  await second;
  gate.leave(1);
  await gate.opened();
});
