// What Spark opens `s3a://` with: Hadoop's file system of buckets in the version of Spark's Hadoop, and of the SDK of AWS what that needs,
// which is a fortieth of the bundle that it asks for.
import { ensureJarTree } from "../maven-jars.ts";
import { versitygwKeys } from "../files/versitygw.ts";

/** The Hadoop of Spark 4.2.0, and the SDK that it was built with. */
const [hadoop, sdk] = ["3.5.0", "2.35.4"];

/** Paths of the jars. @throws Error saying what could not be got */
export async function ensureHadoopAws(): Promise<readonly string[]> {
  return await ensureJarTree(`hadoop-aws-${hadoop}`, [
    `org.apache.hadoop:hadoop-aws:${hadoop}:alone`,
    "software.amazon.s3.analyticsaccelerator:analyticsaccelerator-s3:1.3.1:alone",
    ...["s3-transfer-manager", "sts"].map((name) => `software.amazon.awssdk:${name}:${sdk}`),
  ]);
}

/** Settings of Spark for a versitygw on a port, which has one bucket that Spark has no right to. */
export function bucketSettings(port: number): Readonly<Record<string, string>> {
  const settings = {
    endpoint: `http://127.0.0.1:${port}`,
    "endpoint.region": "us-east-1",
    "path.style.access": "true",
    "access.key": versitygwKeys.accessKeyId,
    "secret.key": versitygwKeys.secretAccessKey,
    [`bucket.${closedBucket}.secret.key`]: "another-secret-key",
  };
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`spark.hadoop.fs.s3a.${name}`, value]));
}

/** Its keys are wrong on Spark's side. */
export const closedBucket = "closed";
