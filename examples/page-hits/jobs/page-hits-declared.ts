// The same as a query: what can be declared is computed by DuckDB alone.
import { integrationJob } from "millrace";

export default integrationJob({
  name: "page_hits_declared",
  source: { file: { path: "out/logs/access-*", format: "text", text: { column: "line" } } },
  convert: [
    {
      sql: `select page, count(*)::bigint as hits
        from (select regexp_extract(line, '^[^"]*"(?:GET|HEAD|POST) ([^ ]+) HTTP/1.1" [0-9]{3} ', 1) as page from source)
        where page <> '' group by page`,
    },
  ],
  output: { dataset: "page_hits_declared", parquet: { path: "out/page_hits_declared.parquet" } },
});
