import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { Secret } from "../core/secret.ts";
import { clampKey, formatKey, parseKey } from "../wire/wireguard/key.ts";

/**
 * Private keys of this node's WireGuard devices, a file each that only its owner reads: made here when first asked for, and never
 * sent anywhere. Nodes that are to be one endpoint together get the same file by hand before.
 */
export class WireguardKeys {
  readonly #folder: string;
  readonly #keys = new Map<string, Secret>();

  /** @param folder where keys are; not readable for others */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws VsixError `wireguard-key` when the file holds no key or cannot be made; it never shows the file's content. */
  keyOf(id: string): Secret {
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    const file = join(this.#folder, `wireguard-${id}.key`);
    const key = new Secret(readKey(file) ?? makeKey(file));
    this.#keys.set(id, key);
    return key;
  }
}

function readKey(file: string): Uint8Array | undefined {
  let text: string;
  try {
    text = readFileSync(file, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new VsixError("wireguard-key", `${file} cannot be read`, { cause: error });
  }
  const key = parseKey(text.trim());
  if (key === undefined) throw new VsixError("wireguard-key", `${file} holds no key: 44 letters of base64`);
  return key;
}

function makeKey(file: string): Uint8Array {
  const key = clampKey(randomBytes(32));
  try {
    const fd = openSync(`${file}.new`, "w", 0o600);
    try {
      writeSync(fd, `${formatKey(key)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new VsixError("wireguard-key", `${file} cannot be written`, { cause: error });
  }
  return key;
}
