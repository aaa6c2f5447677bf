import type { Logger } from "pino";
import { ControllerError, messageOf } from "../errors.ts";
import type { RelyingParty } from "./passkey-party.ts";

/** COSE algorithms that are asked for and taken: EdDSA, ES256, RS256 (RFC 9053, RFC 8812). */
export const ALGORITHMS = [-8, -7, -257] as const;

/** Texts below are base64url. */
export interface Creation {
  /** The authenticator's own name for the new passkey. */
  readonly id: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
}

export interface Assertion {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle: string;
}

/** What is kept of a passkey. */
export interface PasskeyKey {
  readonly credential: string;
  /** COSE_Key, base64url. */
  readonly publicKey: string;
  readonly counter: number;
}

/**
 * The key of a passkey that was made for us, for this challenge, by a device that looked who holds it. Statements of who made the device
 * are not asked for and not looked at, for they would have us ask addresses that stand in strangers' certificates. Throws
 * ControllerError `passkey-refused`.
 */
export async function readCreation(
  party: RelyingParty,
  challenge: string,
  { id, clientDataJSON, attestationObject }: Creation,
): Promise<PasskeyKey> {
  // Loaded when somebody has a passkey: most who start a controller ask nothing of it.
  const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
  const { decodeAttestationObject } = await import("@simplewebauthn/server/helpers");
  try {
    const statement = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, "base64url")));
    const signedBySelf =
      statement.get("fmt") === "packed" && statement.get("attStmt").get("x5c") === undefined;
    if (statement.get("fmt") !== "none" && !signedBySelf)
      throw new Error("it has a statement that was not asked for");
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        ...{ id, rawId: id, type: "public-key", clientExtensionResults: {} },
        response: { clientDataJSON, attestationObject },
      },
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    if (!verified) throw new Error("its signature is wrong");
    const { credential } = registrationInfo;
    if (credential.id !== id) throw new Error("it goes by two names");
    const publicKey = Buffer.from(credential.publicKey).toString("base64url");
    return { credential: id, publicKey, counter: credential.counter };
  } catch (cause) {
    throw new ControllerError("passkey-refused", "what the device made is no passkey for this page", {
      cause,
    });
  }
}

/**
 * What the authenticator counts, where the passkey's owner has just signed this challenge for us and the device looked who holds it;
 * undefined where anything is not so. Whether it counts on is the caller's to see.
 */
export async function counterOf(
  party: RelyingParty,
  challenge: string,
  { id, userHandle, ...response }: Assertion,
  publicKey: string,
  log: Logger,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        ...{ id, rawId: id, type: "public-key", clientExtensionResults: {} },
        response: { ...response, userHandle },
      },
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      credential: { id, publicKey: new Uint8Array(Buffer.from(publicKey, "base64url")), counter: 0 },
    });
    return verified ? authenticationInfo.newCounter : undefined;
  } catch (error) {
    log.info({ why: messageOf(error) }, "a passkey's answer was refused");
    return undefined;
  }
}
