// The thread that scans one part of a csv file, and says what it found. What is wrong with the file ends it, and is found again, and
// told, by whoever reads the file in one piece.
import { parentPort, workerData } from "node:worker_threads";
import { type CsvScanRequest, scanCsv } from "./csv-scan.ts";

parentPort?.postMessage(await scanCsv(workerData as CsvScanRequest));
