// One side of a bench of streams in a process of its own: `node stream-process.ts <scenario> <input as JSON>` prints one line of JSON.
import { countByHand, type CountInput, countWithStore, leaveRowsByHand, pipeRecords } from "./count-scenarios.ts";
import {
  countOnKafka,
  firstRecord,
  firstRecordWithKafkajs,
  type KafkaInput,
  pipeOnKafka,
  pipeWithPlatformatic,
  readWithKafkajs,
  readWithLog,
  readWithPlatformatic,
} from "./kafka-scenarios.ts";
import { appendBatches, appendByHand, flow, flowByHand } from "./flow-scenarios.ts";
import { fillBatch, fillKeys, holdSink, openJoins, recoverStore } from "./memory-scenarios.ts";
import { copyRowsByHand, joinRowsByHand } from "./table-scenarios.ts";
import { lag, lagBesideReplay, lagByHand, type LagInput } from "./lag-scenarios.ts";

type Input = LagInput & CountInput & KafkaInput;

const scenarios: Readonly<Record<string, (input: Input) => Promise<object>>> = {
  append: appendBatches,
  append_by_hand: appendByHand,
  flow,
  flow_by_hand: flowByHand,
  lag,
  lag_beside_replay: lagBesideReplay,
  lag_by_hand: lagByHand,
  count: (input) => countWithStore(input),
  count_by_hand: countByHand,
  pipe: pipeRecords,
  leave_rows_by_hand: leaveRowsByHand,
  hold_sink: holdSink,
  fill_batch: fillBatch,
  fill_keys: fillKeys,
  open_joins: openJoins,
  recover_store: recoverStore,
  join_rows_by_hand: joinRowsByHand,
  copy_rows_by_hand: copyRowsByHand,
  kafka_read: readWithLog,
  kafka_read_kafkajs: readWithKafkajs,
  kafka_read_platformatic: readWithPlatformatic,
  kafka_count: countOnKafka,
  kafka_pipe: pipeOnKafka,
  kafka_pipe_by_hand: pipeWithPlatformatic,
  kafka_first: firstRecord,
  kafka_first_kafkajs: firstRecordWithKafkajs,
};

const [name = "", input = "{}"] = process.argv.slice(2);
const scenario = scenarios[name];
if (scenario === undefined) throw new Error(`expected one of ${Object.keys(scenarios).join(", ")}, got: ${name}`);
// what `stream-side.ts` wrote
console.log(JSON.stringify(await scenario(JSON.parse(input) as Input)));
