// The same shop with its topics on Kafka: `MILLRACE_ENV=kafka`.
import { defineEnvironment } from "millrace";
import { broker } from "./shop/broker.ts";

export default defineEnvironment({ streams: { log: { kafka: { brokers: [broker] } } } });
