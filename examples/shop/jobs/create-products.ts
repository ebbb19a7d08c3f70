// A product is created when its upload, its video and its image are there, in whatever order they come. One that is not complete after a
// day goes to the dead letters.
import { joinJob } from "millrace";
import { imagesEncoded, products, productUploads, videosEncoded } from "../topics.ts";

export default joinJob({
  name: "create_products",
  by: "productId",
  inputs: { upload: productUploads, video: videosEncoded, image: imagesEncoded },
  expire: "24h",
  onExpire: "deadLetter",
  output: products,
  handle: ({ upload, video, image }) => ({
    productId: upload.productId,
    title: upload.title,
    price: upload.price,
    video: video.url,
    thumbnail: image.thumbnail,
    imageBytes: image.bytes,
  }),
});
