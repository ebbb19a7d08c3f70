// Prepares what is to be sent: 1,203 conversions of three customers, some of them without a value.
import { sqlJob } from "millrace";

export default sqlJob({
  name: "conversions",
  purpose: "preparation",
  inputs: [],
  sql: `
    select case when n < 601 then 101 when n < 1101 then 102 else 103 end as customer_id,
      'g' || lpad(cast(n as varchar), 5, '0') as gclid,
      cast(case when n between 700 and 739 then 0 else 1 + n % 50 end as decimal(9,2)) as value,
      timestamp '2026-01-01 00:00:00' + to_minutes(n) as converted_at
    from range(1203) conversions(n)`,
  checks: [{ unique: ["gclid"] }, { notNull: ["customer_id", "gclid", "value"] }],
  output: { dataset: "conversions" },
});
