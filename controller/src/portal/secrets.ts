import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { ControllerError } from "../errors.ts";
import { base32 } from "./totp.ts";

/** 256 bits that nobody can guess, base64url. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What is stored in a secret's place. It has 256 bits of its own, so a plain hash cannot be searched. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

const INVITATION = /^vsixi_[A-Za-z0-9_-]{43}$/;

/** Text of an invitation, found by scanners where none should be. */
export function newInvitation(): string {
  return `vsixi_${newSecret()}`;
}

export function isInvitation(text: string): boolean {
  return INVITATION.test(text);
}

const RECOVERY_CODES = 10;
const RECOVERY_OCTETS = 10;

/** Codes for a lost second factor, 80 bits each, in groups of four for people to write down. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: RECOVERY_CODES }, () =>
    (base32(randomBytes(RECOVERY_OCTETS)).match(/.{4}/g) ?? []).join("-").toLowerCase(),
  );
}

/** The shape that is hashed of whatever way a person writes a code. */
function canonical(code: string): string {
  return code.replace(/[\s-]/g, "").toUpperCase();
}

const IV_OCTETS = 12;
const TAG_OCTETS = 16;

/**
 * What must be read again, and what is short enough to be searched, is kept under keys that are in no database: `portal.key`.
 * A copy of the database alone tells no second factor and lets nobody guess.
 */
export class Vault {
  /** Goes into every password's hash. */
  readonly pepper: Uint8Array;
  readonly #box: Uint8Array;
  readonly #codes: Uint8Array;
  readonly #handles: Uint8Array;

  /** `key` is 64 hexadecimal digits. */
  constructor(key: string) {
    const derive = (purpose: string): Uint8Array =>
      new Uint8Array(hkdfSync("sha256", Buffer.from(key, "hex"), "", `vsix portal ${purpose}`, 32));
    this.pepper = derive("passwords");
    this.#box = derive("second factors");
    this.#codes = derive("recovery codes");
    this.#handles = derive("user handles");
  }

  /** AES-256-GCM, bound to its user: what is copied to another user's row cannot be opened there. */
  seal(plain: Uint8Array, account: string): string {
    const iv = randomBytes(IV_OCTETS);
    const cipher = createCipheriv("aes-256-gcm", this.#box, iv).setAAD(Buffer.from(account));
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64");
  }

  /** Throws ControllerError `store` where it is another user's, was changed, or the key is another. */
  open(sealed: string, account: string): Uint8Array {
    try {
      const octets = Buffer.from(sealed, "base64");
      const decipher = createDecipheriv("aes-256-gcm", this.#box, octets.subarray(0, IV_OCTETS), {
        authTagLength: TAG_OCTETS,
      });
      decipher.setAAD(Buffer.from(account));
      decipher.setAuthTag(octets.subarray(IV_OCTETS, IV_OCTETS + TAG_OCTETS));
      return Buffer.concat([decipher.update(octets.subarray(IV_OCTETS + TAG_OCTETS)), decipher.final()]);
    } catch (cause) {
      const message = `the second factor of ${account} cannot be opened; is portal.key the one that it was made with?`;
      throw new ControllerError("store", message, { cause });
    }
  }

  /**
   * What authenticators know a user by, base64url: always the same, and tells nothing of him to who finds the authenticator (Web
   * Authentication Level 3, section 14.6.1).
   */
  userHandle(account: string): string {
    return createHmac("sha256", this.#handles).update(account).digest("base64url");
  }

  recoveryHash(code: string, account: string): string {
    return createHmac("sha256", this.#codes)
      .update(`${account}\n${canonical(code)}`)
      .digest("hex");
  }

  /** The one of `hashes` that this code is of; looks at all of them. */
  findRecovery(code: string, account: string, hashes: readonly string[]): string | undefined {
    const wanted = Buffer.from(this.recoveryHash(code, account), "hex");
    let found: string | undefined;
    for (const one of hashes) {
      const octets = Buffer.from(one, "hex");
      if (octets.length === wanted.length && timingSafeEqual(octets, wanted)) found = one;
    }
    return found;
  }
}
