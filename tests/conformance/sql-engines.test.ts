// What DuckDB does with the SQL of jobs, and what is done with rows that a cluster has left.
import { join } from "node:path";
import { createDuckDbCluster } from "../support/spark/duckdb-cluster.ts";
import { describeSqlEngine } from "./sql-engine.ts";

describeSqlEngine("DuckDB", {});

describeSqlEngine("a cluster", {
  compute: { engine: "spark", dialect: "portable" },
  cluster: (project) => createDuckDbCluster(project.engine, join(project.root, "lake/.millrace-spark")),
});
