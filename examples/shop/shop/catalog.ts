// What the shop has and what happens in it: products with their files, people, and the orders of three days. The same at every call.
import { createHash } from "node:crypto";

const categories = ["books", "garden", "kitchen", "toys"] as const;
const smallImageBytes = 6_000;
const largeImageBytes = 600_000;
const firstDay = Date.UTC(2026, 2, 1);
const orderEveryMs = 432_000;

export interface Upload {
  readonly productId: string;
  readonly title: string;
  readonly category: string;
  readonly price: number;
  /** The name of the film that the seller sent. */
  readonly video: string;
  /** Base64. */
  readonly image: string;
  /** Of the bytes of the image, as the seller's machine counted it. */
  readonly imageSha256: string;
}

export interface Person {
  readonly id: string;
  readonly email: string;
}

export interface Order {
  readonly orderId: string;
  readonly userId: string;
  readonly productId: string;
  readonly quantity: number;
  readonly total: number;
  /** An instant, as ISO 8601. */
  readonly orderedAt: string;
}

/** 24 products; the image of every sixth is large. */
export const uploads: readonly Upload[] = Array.from({ length: 24 }, (_, index) => {
  const number = index + 1;
  const image = makeBytes(number, number % 6 === 0 ? largeImageBytes : smallImageBytes);
  return {
    productId: `p${String(number).padStart(2, "0")}`,
    title: `Product ${number}`,
    category: categories[index % categories.length] ?? "",
    price: number * 5,
    video: number === 13 ? "film-13.vp9" : `film-${number}.mov`,
    image: image.toString("base64"),
    imageSha256: createHash("sha256").update(image).digest("hex"),
  };
});

/** Everybody registers, and every third person gets another address afterwards. */
export const registrations: readonly Person[] = Array.from({ length: 12 }, (_, index) => ({
  id: `u${String(index + 1).padStart(2, "0")}`,
  email: `person${index + 1}@example.com`,
}));
export const moves: readonly Person[] = registrations
  .filter((_, index) => index % 3 === 0)
  .map(({ id, email }) => ({ id, email: `new.${email}` }));

/** 600 orders, 200 on each of three days. */
export const orders: readonly Order[] = Array.from({ length: 600 }, (_, index) => {
  const product = uploads[(index * 7) % uploads.length];
  const quantity = (index % 3) + 1;
  return {
    orderId: `o${String(index + 1).padStart(3, "0")}`,
    userId: registrations[(index * 5 + Math.floor(index / uploads.length)) % registrations.length]?.id ?? "",
    productId: product?.productId ?? "",
    quantity,
    total: quantity * (product?.price ?? 0),
    orderedAt: new Date(firstDay + index * orderEveryMs).toISOString(),
  };
});

/** What somebody may like who has bought a product: the next one of its category. */
export function findSimilar(productId: string): string {
  const bought = uploads.find((upload) => upload.productId === productId);
  const similar = uploads.filter(({ category }) => category === bought?.category);
  const at = similar.findIndex((upload) => upload.productId === productId);
  return similar[(at + 1) % similar.length]?.productId ?? productId;
}

/** Bytes that look like a picture to everything that only passes them on. */
function makeBytes(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
