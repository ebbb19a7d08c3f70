import { defineEnvironment } from "millrace";

// The functions of `page_hits` on executors of Spark, whose address is in SPARK_CONNECT.
export default defineEnvironment({
  lake: "lake",
  compute: { engine: "spark", connect: "sc://${env:SPARK_CONNECT}" },
});
