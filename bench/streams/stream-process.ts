// One side of a bench of streams in a process of its own: `node stream-process.ts <scenario> <input as JSON>` prints one line of JSON.
import { countByHand, type CountInput, countWithStore, leaveRowsByHand, pipeRecords } from "./count-scenarios.ts";
import { appendBatches, appendByHand, flow, flowByHand } from "./flow-scenarios.ts";
import { lag, lagByHand, type LagInput } from "./lag-scenarios.ts";

type Input = LagInput & CountInput;

const scenarios: Readonly<Record<string, (input: Input) => Promise<object>>> = {
  append: appendBatches,
  append_by_hand: appendByHand,
  flow,
  flow_by_hand: flowByHand,
  lag,
  lag_by_hand: lagByHand,
  count: (input) => countWithStore(input),
  count_by_hand: countByHand,
  pipe: pipeRecords,
  leave_rows_by_hand: leaveRowsByHand,
};

const [name = "", input = "{}"] = process.argv.slice(2);
const scenario = scenarios[name];
if (scenario === undefined) throw new Error(`expected one of ${Object.keys(scenarios).join(", ")}, got: ${name}`);
// what `stream-side.ts` wrote
console.log(JSON.stringify(await scenario(JSON.parse(input) as Input)));
