// A thread of tests that maps and reduces: it finds the functions by their name, without a project.
import { serveMapThread } from "../../../src/compute/mapreduce/threads/serve-map-thread.ts";
import { openIsolateChannel } from "../../../src/platforms/local/isolate-channel.ts";
import { type MapCodeName, mapCodes } from "./map-codes.ts";

const channel = openIsolateChannel();
let serve: ((message: unknown) => void) | undefined;
channel.listen((received) => {
  if (serve !== undefined) return serve(received);
  const { code } = received as { readonly code: MapCodeName };
  serveMapThread({
    send: (message) => channel.send(message),
    listen: (onTask) => (serve = onTask),
    open: () => Promise.resolve({ ...mapCodes[code], job: code }),
  });
});
