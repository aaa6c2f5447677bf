import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";
import { ORIGIN } from "./browser.ts";

/** What is wrong with an answer; each can be changed alone. */
export interface Slip {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  /** Bits of authenticator data (Web Authentication Level 3, section 6.1). */
  readonly flags?: number;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly type?: string;
  /** Signs with another key. */
  readonly isForged?: boolean;
  /** Says that its maker vouches for it. */
  readonly hasStatement?: boolean;
}

const [PRESENT, VERIFIED, WITH_KEY] = [0x01, 0x04, 0x40];
export const UNVERIFIED = PRESENT;

/**
 * An authenticator with one passkey (ES256), written from Web Authentication Level 3: it does whatever a test wants, which no real one and no
 * browser's virtual one would.
 */
export class PasskeyDevice {
  readonly id = randomBytes(32).toString("base64url");
  counter = 0;
  userHandle = "";
  readonly #key: KeyObject;
  readonly #cose: Uint8Array;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#key = privateKey;
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    // COSE_Key: kty EC2, alg ES256, crv P-256 (RFC 9053 section 7.1.1).
    this.#cose = isoCBOR.encode(
      new Map<number, number | Uint8Array>([
        ...([[1, 2]] as const),
        ...([[3, -7]] as const),
        ...([[-1, 1]] as const),
        [-2, new Uint8Array(Buffer.from(x, "base64url"))],
        [-3, new Uint8Array(Buffer.from(y, "base64url"))],
      ]),
    );
  }

  /** Makes the passkey, as the body of `passkeys/finish`. */
  make(options: Record<string, unknown>, slip: Slip = {}) {
    this.userHandle = (options["user"] as { id: string }).id;
    const id = Buffer.from(this.id, "base64url");
    const length = Buffer.from([id.length >> 8, id.length & 0xff]);
    const flags = (slip.flags ?? PRESENT | VERIFIED) | WITH_KEY;
    const data = Buffer.concat([this.#data(options, flags, slip), Buffer.alloc(16), length, id, this.#cose]);
    const statement = new Map<string, number | Uint8Array | Uint8Array[]>();
    if (slip.hasStatement === true) {
      statement.set("alg", -7);
      statement.set("sig", new Uint8Array(8));
      statement.set("x5c", [new Uint8Array(8)]);
    }
    const attestation = new Map<string, unknown>([
      ["fmt", slip.hasStatement === true ? "packed" : "none"],
      ["attStmt", statement],
      ["authData", new Uint8Array(data)],
    ]);
    return {
      ...{ name: "test device", id: this.id, transports: ["internal"] },
      clientDataJSON: client("webauthn.create", options, slip).toString("base64url"),
      attestationObject: Buffer.from(
        isoCBOR.encode(attestation as Parameters<typeof isoCBOR.encode>[0]),
      ).toString("base64url"),
    };
  }

  /** Answers a challenge, as the body of `passkeys/sign-in/finish`. */
  answer(options: Record<string, unknown>, slip: Slip = {}) {
    const data = this.#data(options, slip.flags ?? PRESENT | VERIFIED, slip);
    const clientData = client("webauthn.get", options, slip);
    const signed = Buffer.concat([data, createHash("sha256").update(clientData).digest()]);
    const key =
      slip.isForged === true ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey : this.#key;
    return {
      id: this.id,
      clientDataJSON: clientData.toString("base64url"),
      authenticatorData: data.toString("base64url"),
      signature: sign("sha256", signed, key).toString("base64url"),
      userHandle: slip.userHandle ?? this.userHandle,
    };
  }

  #data(options: Record<string, unknown>, flags: number, slip: Slip): Buffer {
    const rpId = slip.rpId ?? String(options["rpId"] ?? (options["rp"] as { id: string }).id);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(slip.counter ?? this.counter);
    return Buffer.concat([createHash("sha256").update(rpId).digest(), Buffer.from([flags]), counter]);
  }
}

function client(type: string, options: Record<string, unknown>, slip: Slip): Buffer {
  const { origin = ORIGIN, challenge = options["challenge"] } = slip;
  return Buffer.from(JSON.stringify({ type: slip.type ?? type, challenge, origin, crossOrigin: false }));
}
