// A process that publishes a table with many partitions: node publish-partitions.ts <root> <partitions>
import { DataProject } from "./data-project.ts";

const [, , root = "", partitions] = process.argv;
const project = DataProject.open(root);
await project.publish({
  sql: `select i as id, 'part ' || (i % ${Number(partitions)}) as p from range(20000) t(i)`,
  output: { dataset: "t", delta: { partitionBy: ["p"] } },
});
await project.close();
