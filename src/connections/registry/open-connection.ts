// From what is declared of a connection to the connection. The code of a kind is loaded when one of its connections is opened.
import type { ConnectionOptions } from "../../core/connection/connection-options.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { FileService } from "../files/file-service.ts";
import { type ConnectionServices, HttpConnection } from "../http-connection.ts";
import { withAmazonKeys } from "./amazon-keys.ts";
import { listKinds } from "./resolve-database.ts";
import { resolveSecrets, type SecretSources } from "./resolve-secrets.ts";

export type OpenConnection = HttpConnection | FileService;

/** Nothing is sent before the first call. @throws MillraceError `SECRET_MISSING`, `CONFIG_INVALID`, `DEPENDENCY_MISSING` */
export async function openConnection(
  name: string,
  options: ConnectionOptions,
  secrets: SecretSources,
  services: ConnectionServices,
): Promise<OpenConnection> {
  const { http, s3, sftp, webhdfs } = options;
  const resolve = async <Settings>(settings: Settings) =>
    await resolveSecrets(settings, `connection \`${name}\``, secrets);
  if (http !== undefined) return new HttpConnection(name, await resolve(http), services);
  if (s3 !== undefined) {
    const { S3Service } = await import("../s3/s3-service.ts");
    return new S3Service(name, await resolve(s3.anonymous === true ? s3 : withAmazonKeys(s3, secrets)), services);
  }
  if (sftp !== undefined) {
    const { SftpService } = await import("../sftp/sftp-service.ts");
    return new SftpService(name, await resolve(sftp));
  }
  if (webhdfs !== undefined) {
    const { WebHdfsService } = await import("../webhdfs/webhdfs-service.ts");
    return new WebHdfsService(name, await resolve(webhdfs), services);
  }
  const got = listKinds(options).join(", ");
  throw new MillraceError("CONFIG_INVALID", `connection \`${name}\` is no service and no place of files, got: ${got}`, {
    hint: "a database is named by the source `sql` and by targets, as `connection`",
  });
}
