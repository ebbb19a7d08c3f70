// SQL on a real Spark on this machine: what its client costs beside a loop that only takes the messages, and what publishing costs beside the
// same query written to Parquet by hand.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { clusterOf } from "../../src/app/connections/cluster-of.ts";
import { sqlPlan, writeParquetPlan } from "../../src/compute/spark/connect/connect-requests.ts";
import { MessageWriter } from "../../src/compute/spark/connect/message-writer.ts";
import type { PlanExecution } from "../../src/compute/spark/connect/plan-execution.ts";
import { prepareSession } from "../../src/compute/spark/prepare-session.ts";
import { queryRows } from "../../src/compute/spark/read-rows.ts";
import { createSystemClock } from "../../src/platforms/local/system-clock.ts";
import { DataProject } from "../../tests/support/data/data-project.ts";
import { type SparkConnect, startSparkConnect } from "../../tests/services/spark/spark-connect.ts";
import { rawData } from "../../examples/flights/raw-data.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const rows = 1_000_000;
/** Tests have a Spark that starts quickly and ends streams every two seconds, which the loop's operation is spared; this one is as any other. */
const atItsBest = {
  "spark.driver.extraJavaOptions": "",
  "spark.driver.memory": "2g",
  "spark.connect.execute.reattachable.senderMaxStreamDuration": "2m",
};
/** Of the joined ones: on a busy machine three million take a minute. */
const joinedShare = 3;
const fetched = `select id, id % 7 as kind, id / 3.0D as share, cast(id as string) as name, date_add(date'2026-01-01', cast(id % 365 as int)) as day
  from range(${rows})`;

const cleaned = `select f.date as departed_at, cast(f.delay as integer) as delay_minutes, cast(f.distance as integer) as distance_miles, f.origin,
    o.city as origin_city, f.destination, d.city as destination_city
  from flights f join airports o on o.iata = f.origin join airports d on d.iata = f.destination
  where hour(f.date) % ${joinedShare} = 0`;
const daily = `select origin as airport, cast(date as date) as day, count(*) as flights, avg(delay) as mean_delay from flights
  group by origin, cast(date as date)`;

export const bench: Bench = {
  name: "spark-sql",
  description: `on Spark 4.2 on this machine: ${rows.toLocaleString("en")} rows of five columns fetched, beside a loop of grpc-js that takes the same messages; and two queries over the 3,000,000 flights of the example published to Delta with a check, beside the same queries that Spark writes to Parquet for a hand-made session`,
  hasServer: true,
  async run() {
    await using spark = await startSparkConnect({ settings: atItsBest });
    await using session = await spark.open();
    await prepareSession(session);
    using raw = openRaw(spark);
    await using project = await createProject(spark);
    let run = 0;
    const publish = (sql: string, dataset: string): Promise<number> => {
      run += 1;
      // other rows each time, so that each is a version of its own
      const marked = `select *, ${run} as version from (${sql})`;
      return timeMs(() =>
        project.publish({
          sql: marked,
          inputs: ["flights", "airports"],
          compute: { engine: "spark", dialect: "spark" },
          checks: [{ rowCount: { min: 1 } }],
          output: { dataset },
        }),
      );
    };
    const byHand = (sql: string): Promise<number> => {
      run += 1;
      const marked = `select *, ${run} as version from (${sql})`;
      return timeMs(() => drain(session.execute(writeParquetPlan(marked, project.path(`by-hand/${run}`)))));
    };
    for (const name of ["flights", "airports"]) {
      await queryRows(
        session,
        `create temporary view ${name} as select * from parquet.\`${await filesOf(project, name)}\``,
      );
    }
    const values = await takeTurns(
      {
        ours: () => timeMs(() => drain(session.execute(sqlPlan(fetched)))),
        raw: () => timeMs(() => raw.take(fetched)),
        cleaned: () => publish(cleaned, "cleaned"),
        cleanedByHand: () => byHand(cleaned),
        daily: () => publish(daily, "daily"),
        dailyByHand: () => byHand(daily),
      },
      { warmUps: 1, repetitions: 4 },
    );
    return toMeasures(values);
  },
};

type Side = "ours" | "raw" | "cleaned" | "cleanedByHand" | "daily" | "dailyByHand";

function toMeasures(values: Readonly<Record<Side, readonly number[]>>): Measure[] {
  return [
    {
      name: `${rows.toLocaleString("en")} rows fetched as Arrow`,
      unit: "ms",
      ours: values.ours,
      peer: { name: "a loop of grpc-js", values: values.raw },
      target: { kind: "ratio", atMost: 1.25 },
    },
    {
      name: "3,000,000 flights by airport and day, published",
      unit: "ms",
      ours: values.daily,
      peer: { name: "Spark, to Parquet by hand", values: values.dailyByHand },
      target: { kind: "ratio", atMost: 1.15 },
    },
    {
      name: "a third of 3,000,000 flights joined to both airports and published",
      unit: "ms",
      ours: values.cleaned,
      peer: { name: "Spark, to Parquet by hand", values: values.cleanedByHand },
      target: { kind: "ratio", atMost: 1.15 },
    },
  ];
}

async function createProject(spark: SparkConnect): Promise<DataProject> {
  const project = await DataProject.create();
  project.cluster = clusterOf({
    root: project.root,
    lake: join(project.root, "lake"),
    compute: { connect: `sc://127.0.0.1:${spark.port}`, engine: "spark" },
    environment: { readVariable: () => undefined },
    clock: createSystemClock(),
    onSecret: () => undefined,
  });
  const flights = `select * from read_parquet('${rawData("flights-3m.parquet")}')`;
  await project.publish({ sql: flights, output: { dataset: "flights" } });
  const airports = `select iata, city from read_csv('${rawData("airports.csv")}')`;
  await project.publish({ sql: airports, output: { dataset: "airports" } });
  return project;
}

/** The folder of a table that has one version. */
async function filesOf(project: DataProject, dataset: string): Promise<string> {
  return project.versions(dataset)[0]?.locations[0]?.path ?? "";
}

async function drain(execution: PlanExecution): Promise<void> {
  for await (const _result of execution);
}

/** Takes the messages of a query and looks into none of them. */
function openRaw({ port }: SparkConnect): { take(sql: string): Promise<void> } & Disposable {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": 128 * 1024 * 1024,
  });
  const session = randomUUID();
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    async take(sql) {
      const request = new MessageWriter().text(1, session).message(2, new MessageWriter().text(1, "bench"));
      const bytes = Buffer.from(request.bytes(3, sqlPlan(sql)).finish());
      const path = "/spark.connect.SparkConnectService/ExecutePlan";
      const call = client.makeServerStreamRequest(path, same, same, bytes, new Metadata(), {});
      let taken = 0;
      for await (const message of call) taken += (message as Buffer).length;
      if (taken < rows) throw new Error(`expected more than ${rows} bytes, got: ${taken}`);
    },
    [Symbol.dispose]: () => client.close(),
  };
}
