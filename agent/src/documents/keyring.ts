import { Type } from "@sinclair/typebox";
import { manifestType } from "@vsix/shared/contract/envelope.ts";
import { parseManifest } from "@vsix/shared/contract/parse.ts";
import {
  exportPublicKey,
  importPublicKey,
  openEnvelope,
  type TrustedKeys,
  trustedKeys,
} from "@vsix/shared/crypto/ed25519.ts";
import { followTransitions, type Trust } from "@vsix/shared/crypto/transitions.ts";
import type { Logger } from "pino";
import { CheckedFile } from "../io/checked-file.ts";
import { RefusedError, sha256Hex, type VerifiedManifest } from "./document.ts";

const Pem = Type.String({ maxLength: 512 });
const TrustFile = Type.Object({
  version: Type.Literal(1),
  /** Keys that transitions led to, and keys that went; those of the configuration stand there. */
  followed: Type.Array(Pem, { maxItems: 64 }),
  retired: Type.Array(Pem, { maxItems: 4096 }),
});

/**
 * Whose manifests this node obeys: the keys of its configuration and those that signed transitions led to, without the
 * retired ones. What was followed is on disk before the first manifest of the new key is obeyed.
 */
export class Keyring {
  readonly #file: CheckedFile<typeof TrustFile>;
  readonly #log: Logger;
  readonly #configured: TrustedKeys;
  #trust: Trust;
  #fault: string | undefined;

  constructor(file: string, configured: TrustedKeys, log: Logger) {
    this.#file = new CheckedFile(file, TrustFile);
    this.#configured = configured;
    this.#log = log;
    const { value, fault } = this.#file.read();
    if (fault !== undefined) {
      const instead = value === undefined ? "the keys of the configuration count" : "the one before counts";
      this.#fault = `${fault}; ${instead}`;
      log.error({ reason: this.#fault }, "the record of trusted keys is damaged");
    }
    const retired = trustedKeys((value?.retired ?? []).map(importPublicKey));
    const followed = trustedKeys((value?.followed ?? []).map(importPublicKey));
    const trusted = [...configured, ...followed].filter(([id]) => !retired.has(id));
    this.#trust = { trusted: new Map(trusted), retired };
  }

  /** Ids of the keys that are obeyed now. */
  get ids(): readonly string[] {
    return [...this.#trust.trusted.keys()];
  }

  /** Why the record on disk is not what it should be, or undefined. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * Checks signature and type before anything is parsed, following transitions where there are any for us. Throws
   * {@link RefusedError} or MessageError; then nothing was learned.
   */
  verify(envelope: Uint8Array, node: string): VerifiedManifest {
    const trust = followTransitions(envelope, this.#trust);
    const verified = open(envelope, node, trust.trusted);
    if (trust !== this.#trust) this.#learn(trust);
    return verified;
  }

  /** The same for what this node keeps itself: what was signed by a key that has gone since is still its own. */
  verifyKept(envelope: Uint8Array, node: string): VerifiedManifest {
    const trust = followTransitions(envelope, this.#trust);
    const verified = open(envelope, node, new Map([...trust.retired, ...trust.trusted]));
    if (trust !== this.#trust) this.#learn(trust);
    return verified;
  }

  #learn(trust: Trust): void {
    const followed = [...trust.trusted].filter(([id]) => !this.#configured.has(id));
    const pems = (keys: Iterable<readonly [string, Parameters<typeof exportPublicKey>[0]]>): string[] =>
      [...keys].map(([, key]) => exportPublicKey(key));
    try {
      this.#file.write({ version: 1, followed: pems(followed), retired: pems(trust.retired) });
      this.#fault = undefined;
    } catch (error) {
      // The chain comes with every manifest: after a restart it is followed again.
      this.#fault = `the trusted keys are not on disk: ${error instanceof Error ? error.message : String(error)}`;
    }
    this.#trust = trust;
    this.#log.warn(
      { trusted: this.ids, retired: [...trust.retired.keys()] },
      "followed a change of the signing key",
    );
  }
}

function open(envelope: Uint8Array, node: string, keys: TrustedKeys): VerifiedManifest {
  const opened = openEnvelope(envelope, manifestType(node), keys);
  if (!opened.ok) throw new RefusedError(opened.code, opened.reason);
  return { manifest: parseManifest(opened.payload), digest: sha256Hex(opened.payload), envelope };
}
