import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/**
 * Proof that the asker holds the private key of what it wants certified: an ECDSA P-256 signature over a context, the
 * node's name, what authorises the request and the key itself, each with its length before it.
 */
export interface Possession {
  /** `enrol` with a claim's secret, `renew` with the certificate at hand. */
  readonly purpose: "enrol" | "renew";
  readonly node: string;
  /** SHA-256 of the one-time secret, or of nothing for a renewal. */
  readonly secretHash: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

/** The octets that are signed. */
export function possessionOctets({ purpose, node, secretHash, spki }: Possession): Uint8Array {
  const fields = [Buffer.from(`vsix-${purpose}-v1`), Buffer.from(node), secretHash, spki];
  return Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    }),
  );
}

/** DER signature (RFC 3279 section 2.2.3). */
export function provePossession(privateKey: KeyObject, possession: Possession): Uint8Array {
  return sign("sha256", possessionOctets(possession), privateKey);
}

/** The key, if it is of ECDSA P-256 and made the proof; undefined otherwise. Never throws. */
export function checkPossession(possession: Possession, proof: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(possession.spki), format: "der", type: "spki" });
    const p256 = key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
    // One encoding a key: what was hashed and stored is what is certified.
    const same = key.export({ type: "spki", format: "der" }).equals(Buffer.from(possession.spki));
    return p256 && same && verify("sha256", possessionOctets(possession), key, proof) ? key : undefined;
  } catch {
    return undefined;
  }
}

/** SHA-256. */
export function sha256(bytes: Uint8Array | string): Buffer {
  return createHash("sha256").update(bytes).digest();
}
