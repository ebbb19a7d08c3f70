// What is told in the shop, by whom and to whom. Topics that are joined have the same number of partitions, and the same key.
import { defineTopic } from "millrace";
import { z } from "zod";

/** A seller sends a product. Large images do not travel with it: the topic has a token, and the payload store the image. */
export const productUploads = defineTopic({
  name: "product_uploads",
  partitions: 2,
  schema: z.object({
    productId: z.string(),
    title: z.string(),
    category: z.string(),
    price: z.number(),
    video: z.string(),
    image: z.base64(),
    imageSha256: z.string(),
  }),
  key: ({ productId }) => productId,
  claimCheck: { above: "256KB" },
});

export const videosEncoded = defineTopic({
  name: "videos_encoded",
  partitions: 2,
  schema: z.object({ productId: z.string(), url: z.string() }),
  key: ({ productId }) => productId,
});

export const imagesEncoded = defineTopic({
  name: "images_encoded",
  partitions: 2,
  schema: z.object({ productId: z.string(), thumbnail: z.string(), bytes: z.int(), sha256: z.string() }),
  key: ({ productId }) => productId,
});

export const products = defineTopic({
  name: "products",
  partitions: 2,
  schema: z.object({
    productId: z.string(),
    title: z.string(),
    price: z.number(),
    video: z.string(),
    thumbnail: z.string(),
    imageBytes: z.int(),
  }),
  key: ({ productId }) => productId,
});

/** The one stream of orders: read as they come by `recommend`, and by the day by `dashboard`. */
export const orders = defineTopic({
  name: "orders",
  partitions: 2,
  schema: z.object({
    orderId: z.string(),
    userId: z.string(),
    productId: z.string(),
    quantity: z.int(),
    total: z.number(),
    orderedAt: z.iso.datetime(),
  }),
  key: ({ userId }) => userId,
  eventTime: ({ orderedAt }) => new Date(orderedAt),
});

export const recommendations = defineTopic({
  name: "recommendations",
  partitions: 2,
  schema: z.object({ userId: z.string(), orderId: z.string(), productId: z.string() }),
  key: ({ userId }) => userId,
});

/** Who people are now: the newest record of a key counts. */
export const users = defineTopic({
  name: "users",
  partitions: 2,
  schema: z.object({ id: z.string(), email: z.email() }),
  key: ({ id }) => id,
});

export const mails = defineTopic({
  name: "mails",
  partitions: 2,
  schema: z.object({ userId: z.string(), content: z.string() }),
  key: ({ userId }) => userId,
});
