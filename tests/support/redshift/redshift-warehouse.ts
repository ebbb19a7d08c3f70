// A Redshift that jobs publish to, with the bucket that it loads from, lent to the data layer.
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import { lendFileServices } from "../../../src/connections/files/find-file-service.ts";
import { lendVariables } from "../../../src/connections/variables.ts";
import { openConnections } from "../files/file-services.ts";
import { S3Server } from "../files/s3-server.ts";
import { createTestDatabase, type TestDatabase } from "../postgres/postgres-test-database.ts";
import { RedshiftServer } from "./redshift-server.ts";

/** What definitions call the database. */
export const redshiftName = "env:TEST_REDSHIFT_URL";

export interface RedshiftWarehouse {
  /** The Postgres behind it. */
  readonly database: TestDatabase;
  readonly server: RedshiftServer;
  /** The bucket of the connection `lake`, empty before each test. */
  readonly bucket: S3Server;
}

/** To be called at the top of a test file. */
export function lendRedshift(): RedshiftWarehouse {
  const file = new AsyncDisposableStack();
  let database: TestDatabase;
  let server: RedshiftServer;
  let bucket: S3Server;
  let ofTest: AsyncDisposableStack;
  beforeAll(async () => {
    database = file.use(await createTestDatabase({ migrated: false }));
    const engine = file.use(createDuckDbEngine({ threads: 1, memoryLimit: "256MB" }));
    server = file.use(await RedshiftServer.start({ database, engine, bucket: () => bucket }));
    lendVariables((name) => (name === "TEST_REDSHIFT_URL" ? server.url : process.env[name]));
  });
  afterAll(() => file.disposeAsync());
  beforeEach(async () => {
    ofTest = new AsyncDisposableStack();
    bucket = ofTest.use(await S3Server.start());
    const connections = ofTest.use(openConnections({ lake: bucket.connection }));
    ofTest.defer(lendFileServices((name) => connections.files(name)));
  });
  afterEach(() => ofTest.disposeAsync());
  return {
    get database() {
      return database;
    },
    get server() {
      return server;
    },
    get bucket() {
      return bucket;
    },
  };
}
