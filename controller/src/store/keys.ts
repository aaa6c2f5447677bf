import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import {
  exportPrivateKey,
  exportPublicKey,
  generateKey,
  importPrivateKey,
  type SigningKey,
} from "@vsix/shared/crypto/ed25519.ts";
import { ControllerError, messageOf } from "../errors.ts";
import { readSecret, writeDurably } from "./durable-file.ts";

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
