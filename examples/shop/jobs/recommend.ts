// Tells people what they may like as soon as they have ordered: the streaming side of the stream of orders. What it produces, and how far
// it has read, are written in one transaction: a recommendation is there once, whatever is killed.
import { streamJob } from "millrace";
import { findSimilar } from "../shop/catalog.ts";
import { mails, orders, recommendations } from "../topics.ts";

export default streamJob({
  name: "recommend",
  topic: orders,
  produces: [recommendations, mails],
  replicas: 2,
  lanes: 8,
  handle({ userId, orderId, productId }, ctx) {
    const similar = findSimilar(productId);
    ctx.produce(recommendations, [{ userId, orderId, productId: similar }]);
    ctx.produce(mails, [{ userId, content: `after ${orderId} you may like ${similar}` }]);
  },
});
