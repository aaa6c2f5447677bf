import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Envelope, KeyTransition } from "@vsix/shared/contract/envelope.ts";
import {
  exportPrivateKey,
  generateKey,
  importPublicKey,
  keyId,
  type SigningKey,
  sign,
} from "@vsix/shared/crypto/ed25519.ts";
import { signTransition } from "@vsix/shared/crypto/transitions.ts";
import { ControllerError, messageOf } from "../errors.ts";
import { writeDurably } from "./durable-file.ts";
import { loadSigningKey, writePublicKey } from "./keys.ts";

/** Transitions that travel with each manifest, newest last: the contract's bound (envelope.ts). */
const MAX_TRANSITIONS = 64;

const Chain = Type.Object({ version: Type.Literal(1), transitions: Type.Array(Envelope) });
type Chain = Static<typeof Chain>;

/** A change of the key, as it was signed. */
export interface KeyChange {
  readonly from: string;
  readonly to: string;
  readonly at: string;
}

/**
 * The key that signs manifests, and the chain of statements that led to it. Changing it: the next key's file, the statement in
 * the chain, the next key in the place of the old one; whatever is interrupted is finished or undone at the next start.
 */
export class ManifestKeys {
  readonly #stateDir: string;
  readonly #publicFile: string;
  #key: SigningKey;
  #chain: Chain;

  private constructor(stateDir: string, publicFile: string, key: SigningKey, chain: Chain) {
    this.#stateDir = stateDir;
    this.#publicFile = publicFile;
    this.#key = key;
    this.#chain = chain;
  }

  /** Makes a key where there is none. Throws ControllerError `key-file`. */
  static async open(stateDir: string, publicFile: string): Promise<ManifestKeys> {
    const file = join(stateDir, "signing.key");
    const next = join(stateDir, "signing.next.key");
    const chain = await readChain(join(stateDir, "signing.chain.json"));
    let key = await loadSigningKey(file);
    const last = chain.transitions.at(-1);
    // The statement is on disk and was perhaps heard: the key that it names must be the one.
    if (last !== undefined && changeOf(last).from === key.id) {
      await rename(next, file).catch((cause: unknown) => {
        throw new ControllerError("key-file", `${next}: ${messageOf(cause)}`, { cause });
      });
      key = await loadSigningKey(file);
    }
    if (last !== undefined && changeOf(last).to !== key.id) {
      const reason = `is not the key that ${join(stateDir, "signing.chain.json")} ends with`;
      throw new ControllerError("key-file", `${file}: ${reason}`);
    }
    await rm(next, { force: true });
    await writePublicKey(publicFile, key);
    return new ManifestKeys(stateDir, publicFile, key, chain);
  }

  get current(): SigningKey {
    return this.#key;
  }

  /** Every change since the first key, oldest first. */
  get changes(): readonly KeyChange[] {
    return this.#chain.transitions.map(changeOf);
  }

  /** Signs, and tells how the key came to be. */
  sign(payloadType: string, payload: Uint8Array): Envelope {
    const envelope = sign(payloadType, payload, this.#key);
    const transitions = this.#chain.transitions.slice(-MAX_TRANSITIONS);
    return transitions.length === 0 ? envelope : { ...envelope, transitions };
  }

  /** Takes a new key into use; the private part of the old one is gone then. Throws ControllerError `key-file`. */
  async rotate(at: string): Promise<KeyChange> {
    const next = generateKey();
    const nextFile = join(this.#stateDir, "signing.next.key");
    const transition = signTransition(this.#key, next, at);
    const chain: Chain = { version: 1, transitions: [...this.#chain.transitions, transition] };
    try {
      await writeDurably(nextFile, exportPrivateKey(next), 0o600);
      await writeDurably(join(this.#stateDir, "signing.chain.json"), JSON.stringify(chain), 0o644);
      await rename(nextFile, join(this.#stateDir, "signing.key"));
    } catch (cause) {
      throw new ControllerError("key-file", `the key was not changed: ${messageOf(cause)}`, { cause });
    }
    this.#key = next;
    this.#chain = chain;
    await writePublicKey(this.#publicFile, next);
    return changeOf(transition);
  }
}

async function readChain(file: string): Promise<Chain> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    if (Value.Check(Chain, value)) return value;
    throw new Error("holds something else");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      return { version: 1, transitions: [] };
    throw new ControllerError("key-file", `${file}: ${messageOf(cause)}`, { cause });
  }
}

/** Of our own file: its signature is for the nodes to check. */
function changeOf(transition: Envelope): KeyChange {
  const value: unknown = JSON.parse(Buffer.from(transition.payload, "base64").toString("utf8"));
  const { from, to, at } = Value.Parse(KeyTransition, value);
  return { from, to: keyId(importPublicKey(to)), at };
}
