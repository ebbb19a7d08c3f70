import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { startBehavingServer } from "../../../tests/support/http/behaving-server.ts";
import { closeAfterEach } from "../../../tests/support/http/close-after-each.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { type FileContent, readFileContent } from "./file-content.ts";
import { createHttpAgent } from "./http-agent.ts";
import { sendRequest } from "./send-request.ts";

const closeLater = closeAfterEach();
const root = useTemporaryFolder("file-content");

async function givenFile(bytes: Uint8Array): Promise<FileContent> {
  const file = join(root(), "a.bin");
  await writeFile(file, bytes);
  return { file, name: "in/a.bin", size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

test.each([0, 1, 262_144, 700_001])("a file of %d bytes comes as it is", async (size) => {
  const bytes = randomBytes(size);
  expect((await buffer(readFileContent(await givenFile(bytes)))).equals(bytes)).toBe(true);
});

test("the last part comes only when all of the file is what was announced", async () => {
  const bytes = randomBytes(700_001);
  const content = await givenFile(bytes);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await writeFile(content.file, bytes);
  let came = 0;
  const read = async (): Promise<void> => {
    for await (const part of readFileContent(content)) came += part.length;
  };
  expect(await expectFailure(read())).toMatchObject({ code: "SOURCE_UNREADABLE" });
  expect(came).toBe(524_288);
});

test("a file that is another one by now is never sent whole", async () => {
  const bytes = randomBytes(700_001);
  const content = await givenFile(bytes);
  bytes[700_000] = (bytes[700_000] ?? 0) ^ 1;
  await writeFile(content.file, bytes);
  const server = closeLater(await startBehavingServer((_request, response) => void response.end()));
  await using agent = createHttpAgent();
  const sent = sendRequest({ method: "PUT", url: server.origin, body: { file: content } }, { agent });
  expect(await expectFailure(sent)).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "retry" });
  expect(server.received).toEqual([]);
});

test("a part of a form that is a file has its length said before it comes", async () => {
  const server = closeLater(await startBehavingServer(({ body }, response) => void response.end(String(body.length))));
  await using agent = createHttpAgent();
  const multipart = [{ name: "file", content: await givenFile(Buffer.from("a,b\n")), fileName: "a.csv" }];
  const response = await sendRequest({ method: "POST", url: server.origin, body: { multipart } }, { agent });
  expect(server.received[0]?.headers["content-length"]).toBe(await text(response.body));
  expect(server.received[0]?.body).toContain(
    'filename="a.csv"\r\ncontent-type: application/octet-stream\r\n\r\na,b\n\r\n--',
  );
});
