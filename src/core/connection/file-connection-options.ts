// Places of files as a configuration declares them: a bucket, an account of an SSH server, a cluster with HDFS.
import type { ConnectionLimits, ConnectionTimeouts, TlsOptions } from "./transport-options.ts";
import type { Duration } from "../duration.ts";
import type { Secret } from "./secret.ts";

/** What connections that talk HTTP have in common. */
export interface HttpTransport {
  readonly limits?: ConnectionLimits;
  readonly tls?: TlsOptions;
  /** Address of an HTTP proxy, which may hold user and password. */
  readonly proxy?: Secret;
  readonly timeouts?: ConnectionTimeouts;
}

/** One bucket of a service with the interface of Amazon S3. */
export interface S3ConnectionOptions extends HttpTransport {
  readonly bucket: string;
  /** Default: that of Amazon in the region. */
  readonly endpoint?: string;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default: the variable `AWS_ACCESS_KEY_ID`. */
  readonly accessKeyId?: Secret;
  /** Default: the variable `AWS_SECRET_ACCESS_KEY`. */
  readonly secretAccessKey?: Secret;
  /** Of keys that end; default: the variable `AWS_SESSION_TOKEN` where there is one. */
  readonly sessionToken?: Secret;
  /** Whether requests carry no signature. Default false. */
  readonly anonymous?: boolean;
}

/** One account of an SSH server. */
export interface SftpConnectionOptions {
  readonly host: string;
  /** Default 22. */
  readonly port?: number;
  readonly user: string;
  readonly password?: Secret;
  /** OpenSSH or PEM. */
  readonly privateKey?: Secret;
  readonly passphrase?: Secret;
  /** What the server proves itself with: `SHA256:…`, or the key as `ssh-keyscan` prints it; several while a key is replaced. */
  readonly hostKey: string | readonly string[];
  readonly timeouts?: SftpTimeouts;
}

export interface SftpTimeouts {
  /** Until the session is there. Default `20s`. */
  readonly connect?: Duration;
  /** Without a byte of an answer. Default `60s`. */
  readonly idle?: Duration;
}

/** HDFS through WebHDFS or HttpFS. */
export interface WebHdfsConnectionOptions extends HttpTransport {
  /** Address of the name node, without a path. */
  readonly url: string;
  /** Sent as `user.name`, which clusters without Kerberos believe. */
  readonly user?: string;
  readonly delegationToken?: Secret;
  /** Origins of data nodes that answers may lead to. */
  readonly dataNodes?: readonly string[];
}
