import { doraJob } from "millrace";
import { isLocal } from "../accounts.ts";
import { organisation } from "../organisation/organisation.ts";

export default doraJob({
  name: "dora",
  // Of your own: [{ name: "checkout", repositories: ["your-org/checkout-api", "your-org/checkout-web"] }]
  services: isLocal ? organisation.truth.services : [],
  incidents: { jira: { types: ["Incident"] } },
});
