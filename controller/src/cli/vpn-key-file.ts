import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { CliError, EXIT } from "./client.ts";

/** 32 octets in base64, as wg(8) has them. */
const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
/** PKCS#8 of X25519 before the 32 octets (RFC 8410 section 7). */
const PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");

/** Makes a private key in a new file that only its owner reads; returns the public key. Throws CliError where the file is there. */
export function makeKeyFile(file: string): string {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const secret = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32).toString("base64");
  writeNew(file, `${secret}\n`);
  return publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64");
}

/** Both keys of such a file. Throws CliError, which never shows what stands in it. */
export function readKeyFile(file: string): { readonly privateKey: string; readonly publicKey: string } {
  const text = readSecret(file).trim();
  if (!KEY.test(text)) throw new CliError(EXIT.usage, `${file} holds no WireGuard key: 44 letters of base64`);
  const der = Buffer.concat([PKCS8, Buffer.from(text, "base64")]);
  const key = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  return {
    privateKey: text,
    publicKey: key.export({ format: "der", type: "spki" }).subarray(-32).toString("base64"),
  };
}

/** A new file of mode 0600. Throws CliError where one is there: a key that is written over is lost. */
export function writeNew(file: string, text: string): void {
  try {
    const fd = openSync(file, "wx", 0o600);
    try {
      writeSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "EEXIST" ? "is there already; take another name, or remove it" : `cannot be written (${code})`;
    throw new CliError(EXIT.usage, `${file} ${why}`);
  }
}

function readSecret(file: string): string {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch (error) {
    throw new CliError(EXIT.usage, `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    const mode = fstatSync(fd).mode & 0o777;
    if ((mode & 0o077) !== 0)
      throw new CliError(
        EXIT.usage,
        `${file}: mode is ${mode.toString(8)}, others may read it; 600 is wanted`,
      );
    return readFileSync(fd, "latin1");
  } finally {
    closeSync(fd);
  }
}
