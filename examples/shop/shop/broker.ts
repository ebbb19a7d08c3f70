// Where Kafka is: at the address in `broker.txt`, if somebody has put one there, or on this machine.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const file = join(import.meta.dirname, "broker.txt");

export const broker: string = existsSync(file) ? readFileSync(file, "utf8").trim() : "127.0.0.1:9092";
