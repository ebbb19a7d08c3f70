// Encodes the film of each product. One of them needs a codec that is not there at first: it does not hold the others up, but goes to the
// dead letters, and is encoded when somebody has installed the codec and sends it through again.
import { existsSync } from "node:fs";
import { MillraceError, streamJob } from "millrace";
import { productUploads, videosEncoded } from "../topics.ts";

export default streamJob({
  name: "encode_videos",
  topic: productUploads,
  produces: [videosEncoded],
  lanes: 4,
  handle({ productId, video }, ctx) {
    const [film, format] = video.split(".");
    if (format === "vp9" && !existsSync(ctx.path("out/vp9-codec"))) {
      throw new MillraceError("SOURCE_UNREADABLE", `no codec for \`${video}\``);
    }
    ctx.produce(videosEncoded, [{ productId, url: `videos/${film}.mp4` }]);
  },
});
