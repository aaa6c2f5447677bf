import { mkdir, open, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import {
  exportPrivateKey,
  exportPublicKey,
  generateKey,
  importPrivateKey,
  type SigningKey,
} from "@vsix/shared/crypto/ed25519.ts";
import { ControllerError, messageOf } from "../errors.ts";

/**
 * The Ed25519 key that manifests are signed with, in a PKCS #8 PEM file of mode 0600; made when missing. Throws
 * ControllerError `key-file` for a file that others may read or that holds something else.
 */
export async function loadSigningKey(file: string): Promise<SigningKey> {
  try {
    const pem = await readSecret(file);
    if (pem !== undefined) return importPrivateKey(pem);
    const key = generateKey();
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeDurably(file, exportPrivateKey(key), 0o600);
    return key;
  } catch (cause) {
    throw new ControllerError("key-file", `${file}: ${messageOf(cause)}`, { cause });
  }
}

/** Writes the SubjectPublicKeyInfo PEM that agents verify with. Throws ControllerError `key-file`. */
export async function writePublicKey(file: string, key: SigningKey): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeDurably(file, exportPublicKey(key.publicKey), 0o644);
  } catch (cause) {
    throw new ControllerError("key-file", `${file}: ${messageOf(cause)}`, { cause });
  }
}

async function readSecret(file: string): Promise<string | undefined> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) {
      throw new Error(`mode is ${(mode & 0o777).toString(8)}, others may use it; 600 is wanted`);
    }
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** The file holds the old contents or the new, whatever happens. */
async function writeDurably(file: string, contents: string, mode: number): Promise<void> {
  const beside = `${file}.new`;
  await writeFile(beside, contents, { mode, flush: true });
  await rename(beside, file);
  const directory = await open(dirname(file), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
