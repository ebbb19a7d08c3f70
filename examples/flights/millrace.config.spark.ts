import { defineEnvironment } from "millrace";

// Silver and gold on Spark, whose address is in SPARK_CONNECT.
export default defineEnvironment({
  lake: "lake",
  compute: { engine: "spark", connect: "sc://${env:SPARK_CONNECT}" },
});
