// Figures of delivery and of sprints, as their jobs publish them, with the rows behind each.
import type { Handlers } from "../../handler.ts";
import type { ServerServices } from "../../server-services.ts";
import { exportDelivery, listDeliveryChanges, listDeliveryDeployments } from "./delivery-rows.ts";
import { showDelivery } from "./show-delivery.ts";
import { exportSprints, listSprintIssues, listSprints, showSprint } from "./sprints.ts";

export function createDeliveryHandlers(
  services: ServerServices,
): Handlers<
  | "showDelivery"
  | "listDeliveryChanges"
  | "listDeliveryDeployments"
  | "exportDelivery"
  | "listSprints"
  | "showSprint"
  | "listSprintIssues"
  | "exportSprints"
> {
  return {
    showDelivery: (input, context) => showDelivery(services, input, context),
    listDeliveryChanges: (input, context) => listDeliveryChanges(services, input, context),
    listDeliveryDeployments: (input, context) => listDeliveryDeployments(services, input, context),
    exportDelivery: (input, context) => exportDelivery(services, input, context),
    listSprints: (input, context) => listSprints(services, input, context),
    showSprint: (input, context) => showSprint(services, input, context),
    listSprintIssues: (input, context) => listSprintIssues(services, input, context),
    exportSprints: (input, context) => exportSprints(services, input, context),
  };
}
