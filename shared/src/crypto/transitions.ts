import { Value } from "@sinclair/typebox/value";
import { type Envelope, KEY_TRANSITION_TYPE, KeyTransition } from "../contract/envelope.ts";
import { VsixError } from "../errors/vsix-error.ts";
import {
  decodeEnvelope,
  encodeEnvelope,
  exportPublicKey,
  importPublicKey,
  keyId,
  openEnvelope,
  type SigningKey,
  sign,
  type TrustedKeys,
} from "./ed25519.ts";

/** Keys that are obeyed, and keys that were once. */
export interface Trust {
  readonly trusted: TrustedKeys;
  readonly retired: TrustedKeys;
}

/** A statement that `next` signs from now on; signed by the key that goes. */
export function signTransition(from: SigningKey, next: SigningKey, at: string): Envelope {
  const transition: KeyTransition = { version: 1, from: from.id, to: exportPublicKey(next.publicKey), at };
  return sign(KEY_TRANSITION_TYPE, Buffer.from(JSON.stringify(transition)), from);
}

/**
 * Goes along the transitions that an envelope carries, from keys that are trusted to those that took their place. A
 * statement by a key that is unknown or retired changes nothing, nor does one that leads back to a retired key. Returns
 * `trust` itself where nothing changes. Never throws, whatever the bytes are.
 */
export function followTransitions(envelope: Uint8Array, trust: Trust): Trust {
  let now = trust;
  for (const transition of decodeEnvelope(envelope)?.transitions ?? []) now = followOne(transition, now);
  return now;
}

/** What a transition says, if a key of `keys` signed it. */
export function openTransition(
  transition: Envelope,
  keys: TrustedKeys,
): (KeyTransition & { readonly toId: string }) | undefined {
  const opened = openEnvelope(encodeEnvelope(transition), KEY_TRANSITION_TYPE, keys);
  if (!opened.ok) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(opened.payload).toString("utf8"));
    if (!Value.Check(KeyTransition, value) || value.from !== opened.keyId) return undefined;
    return { ...value, toId: keyId(importPublicKey(value.to)) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof VsixError) return undefined;
    throw error;
  }
}

function followOne(transition: Envelope, trust: Trust): Trust {
  const said = openTransition(transition, trust.trusted);
  if (said === undefined || said.toId === said.from || trust.retired.has(said.toId)) return trust;
  const gone = trust.trusted.get(said.from);
  if (gone === undefined) return trust;
  const trusted = new Map(trust.trusted).set(said.toId, importPublicKey(said.to));
  trusted.delete(said.from);
  return { trusted, retired: new Map(trust.retired).set(said.from, gone) };
}
