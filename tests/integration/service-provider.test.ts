// Where a process finds itself, by the variables that platforms set.
import { expect, test } from "vitest";
import { readEnvironment } from "../../src/config.ts";

test.each([
  [{}, "LOCAL", false],
  [{ SPARK_HOME: "/opt/spark" }, "LOCAL", true],
  [{ SPARK_ENV_LOADED: "1", SPARK_HOME: "/opt/spark" }, "SPARK", true],
  [{ DATABRICKS_RUNTIME_VERSION: "16.4", SPARK_HOME: "/databricks/spark", SPARK_ENV_LOADED: "1" }, "DATABRICKS", true],
  [{ GLUE_VERSION: "5.0" }, "GLUE", true],
  [{ GLUE_INSTALLATION: "/glue/lib/installation" }, "GLUE", true],
  [{ EMR_STEP_ID: "s-1", EMR_CLUSTER_ID: "j-1" }, "EMR", true],
  [{ SERVERLESS_EMR_JOB_ID: "00f1" }, "EMR", true],
  [{ KUBERNETES_SERVICE_HOST: "10.0.0.1" }, "KUBERNETES", false],
  [{ KUBERNETES_SERVICE_HOST: "10.0.0.1", SPARK_HOME: "/opt/spark" }, "KUBERNETES", true],
  [{ KUBERNETES_SERVICE_HOST: "10.0.0.1", EMR_STEP_ID: "s-1" }, "EMR", true],
])("an environment with %j is %s, and has Spark: %s", (variables, serviceProvider, hasSpark) => {
  expect(readEnvironment(variables)).toMatchObject({ serviceProvider, hasSpark });
});

test("the environment of the project is a variable, which is nothing when it is empty", () => {
  expect(readEnvironment({ MILLRACE_ENV: "prod" }).name).toBe("prod");
  expect(readEnvironment({ MILLRACE_ENV: "" }).name).toBeUndefined();
});
