// The same shop with its topics on Kafka: `MILLRACE_ENV=kafka`, and where the broker is.
import { defineEnvironment } from "millrace";

export default defineEnvironment({
  streams: { log: { kafka: { brokers: [process.env["SHOP_KAFKA"] ?? "127.0.0.1:9092"] } } },
});
