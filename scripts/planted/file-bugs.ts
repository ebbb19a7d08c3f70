// Slips in the way files are put elsewhere: those that show half of one, take one for another, or lose one without a word.
import { bug, integration, type PlantedBug, unit } from "./planted-bug.ts";

export const fileBugs: readonly PlantedBug[] = [
  bug("a commit whose answer was lost is taken for one of somebody else", "a run publishes its rows twice", {
    file: "src/connections/s3/s3-put-once.ts",
    from: 'if (isDigest(version, head.headers)) return version === digest.toString("hex");',
    to: "if (isDigest(version, head.headers)) return false;",
    suites: [unit("src/data/delta/store/bucket-files.test.ts")],
  }),
  bug("a commit of somebody else is taken for the own one", "rows of a run are in no version of the table", {
    file: "src/connections/s3/s3-put-once.ts",
    from: 'if (isDigest(version, head.headers)) return version === digest.toString("hex");',
    to: "if (isDigest(version, head.headers)) return true;",
    suites: [unit("src/data/delta/store/bucket-files.test.ts")],
  }),
  bug("the cache of files removes what somebody reads", "which frees nothing: the disk gets full beyond the bound", {
    file: "src/connections/files/file-cache.ts",
    from: "if (copy.isHeld) continue;",
    to: "",
    suites: [unit("src/connections/files/file-cache.test.ts")],
  }),
  bug("two files of one name are put in the same place", "one of them is lost, and its row says that it is there", {
    file: "src/data/delivery/deliver-files.ts",
    from: "if (other !== undefined) {",
    to: "if (other === name) {",
    suites: [integration("tests/integration/data/files-as-they-are.test.ts")],
  }),
  bug(
    "the bytes that are copied are not compared with those that were looked at",
    "a file has another checksum than its row",
    {
      file: "src/data/delivery/local-place.ts",
      from: 'if (hash.digest("hex") !== sha256) throw',
      to: 'if (hash.digest("hex") === "") throw',
      suites: [integration("tests/integration/data/files-as-they-are.test.ts")],
    },
  ),
  bug("files are put in their places although their rows were refused", "nobody can trust what lies there", {
    file: "src/data/publish/publish.ts",
    from: "await assertChecks({ ...publication, dataset: output.dataset, isSealed: output.sealed === true });",
    to: "await deliverFiles(publication); await assertChecks({ ...publication, dataset: output.dataset, isSealed: output.sealed === true });",
    suites: [integration("tests/integration/data/files-as-they-are.test.ts")],
  }),
  bug("a rename in HDFS always replaces", "a run overwrites the file of another one", {
    file: "src/connections/webhdfs/webhdfs-upload.ts",
    from: 'renameoptions: isReplacing ? "OVERWRITE" : "NONE"',
    to: 'renameoptions: "OVERWRITE"',
    suites: [unit("src/connections/webhdfs/webhdfs-service.test.ts")],
  }),
  bug(
    "the last bytes of a file are sent before it was compared",
    "a service gets half of one file and half of another",
    {
      file: "src/connections/http/file-content.ts",
      from: "if (held !== undefined) yield held;\n    held = part;",
      to: "yield part;",
      suites: [unit("src/connections/http/file-content.test.ts")],
    },
  ),
];
