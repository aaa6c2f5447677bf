import { createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { Secret } from "../core/secret.ts";
import { clampKey, formatKey, KEY_OCTETS, parseKey } from "../wire/wireguard/key.ts";

/**
 * Private keys of this node's WireGuard devices, a file each that only its owner reads: made here when first asked for, and never
 * sent anywhere. Nodes that are to be one endpoint together get the same file by hand before.
 */
export class WireguardKeys {
  readonly #folder: string;
  readonly #keys = new Map<string, Secret>();
  readonly #public = new Map<string, string>();

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

  /** @throws VsixError as keyOf */
  publicKeyOf(id: string): string {
    const known = this.#public.get(id);
    if (known !== undefined) return known;
    const text = formatKey(publicKeyOf(this.keyOf(id).reveal()));
    this.#public.set(id, text);
    return text;
  }
}

/** X25519 of a private key (RFC 7748). PKCS#8 is this prefix and the 32 octets (RFC 8410 section 7). */
function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  const der = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), privateKey]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  der.fill(0);
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-KEY_OCTETS);
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
