// Makes a thumbnail of each image. Whether an image travelled with its record or lay in the payload store is not to be seen here; that it
// is the one that the seller sent is.
import { createHash } from "node:crypto";
import { MillraceError, streamJob } from "millrace";
import { imagesEncoded, productUploads } from "../topics.ts";

export default streamJob({
  name: "encode_images",
  topic: productUploads,
  produces: [imagesEncoded],
  handle({ productId, image, imageSha256 }, ctx) {
    const bytes = Buffer.from(image, "base64");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (sha256 !== imageSha256)
      throw new MillraceError("SOURCE_UNREADABLE", `the image of \`${productId}\` is another one`);
    ctx.produce(imagesEncoded, [
      { productId, thumbnail: `thumbnails/${sha256.slice(0, 8)}.webp`, bytes: bytes.byteLength, sha256 },
    ]);
  },
});
