import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** What a secret file holds, without white space at its ends, or why it is not used. */
export type SecretRead = { readonly secret: string } | { readonly fault: string };

export const MAX_SECRET_OCTETS = 4096;

/**
 * Reads a secret that nobody else may read. Never throws; no fault repeats what the file holds. Mode and content are
 * those of one open file: what is put in its place meanwhile is not read.
 */
export function readSecretFile(path: string): SecretRead {
  let handle: number | undefined;
  try {
    // Opening a pipe would wait for its writer.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(handle);
    if (!status.isFile()) return { fault: `${path} is no regular file` };
    const mode = status.mode & 0o777;
    if ((mode & 0o077) !== 0) {
      const shown = mode.toString(8).padStart(3, "0");
      return { fault: `${path} has mode ${shown}: others may read or change the secret; chmod 600 it` };
    }
    const octets = Buffer.alloc(MAX_SECRET_OCTETS + 1);
    const length = readSync(handle, octets);
    if (length > MAX_SECRET_OCTETS) return { fault: `${path} has more than ${MAX_SECRET_OCTETS} octets` };
    const secret = octets.toString("utf8", 0, length).trim();
    if (secret === "") return { fault: `${path} is empty` };
    return /[\p{Cc}\ufffd]/u.test(secret)
      ? { fault: `${path} holds more than one line of text` }
      : { secret };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { fault: `${path} cannot be read (${code})` };
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
