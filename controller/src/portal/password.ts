import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { ControllerError } from "../errors.ts";

const hash = promisify<"argon2id", Argon2Parameters, Buffer>(argon2);

/** What one hash costs: OWASP's first choice for Argon2id (Password Storage Cheat Sheet). Memory in KiB. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_OCTETS = 16;
const TAG_OCTETS = 32;

/** Hashes worked out at once, of four threads that files and names are looked up with too; and who may wait for them. */
const AT_ONCE = 2;
const WAITING = 32;

export const PASSWORD_LENGTH = { min: 12, max: 256 };

/** The PHC string format: $argon2id$v=19$m=…,t=…,p=…$SALT$TAG. */
const SHAPE =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/**
 * Passwords as Argon2id (RFC 9106) with a secret that is in no database: who has a copy of the database alone cannot even
 * guess. At most two at once, so that a flood of sign-ins does not take the machine.
 */
export class Passwords {
  readonly #secret: Uint8Array;
  #running = 0;
  readonly #queue: (() => void)[] = [];
  #decoy: string | undefined;

  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** What is stored of a password. Throws `bad-password`, `portal-busy`. */
  async make(password: string, account: string): Promise<string> {
    const text = password.normalize("NFKC");
    const { min, max } = PASSWORD_LENGTH;
    const length = [...text].length;
    if (length < min || length > max)
      throw new ControllerError("bad-password", `a password has ${min} to ${max} characters`);
    if (text.toLowerCase().includes(account.toLowerCase()) && length < min + account.length)
      throw new ControllerError(
        "bad-password",
        "a password is more than the user's name with a few characters",
      );
    if (new Set(text).size < 5)
      throw new ControllerError("bad-password", "a password has at least five different characters");
    return this.#hash(text);
  }

  /**
   * Whether this is the password that `stored` was made of. Without `stored` the same work is done for nothing, so that
   * nobody can tell from the time whether there is one. Throws `portal-busy`.
   */
  async check(password: string, stored: string | undefined): Promise<boolean> {
    this.#decoy ??= await this.#hash(randomBytes(32).toString("hex"));
    const parsed = parse(stored ?? this.#decoy);
    if (parsed === undefined) throw new ControllerError("store", "a stored password cannot be read");
    const { cost, salt, tag } = parsed;
    const found = await this.#work(password.normalize("NFKC"), cost, salt);
    return timingSafeEqual(found, tag) && stored !== undefined;
  }

  async #hash(text: string): Promise<string> {
    const salt = randomBytes(SALT_OCTETS);
    const tag = await this.#work(text, COST, salt);
    const { memory, passes, parallelism } = COST;
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${plain(salt)}$${plain(tag)}`;
  }

  async #work(text: string, cost: typeof COST, nonce: Uint8Array): Promise<Buffer> {
    if (this.#running >= AT_ONCE) {
      if (this.#queue.length >= WAITING)
        throw new ControllerError("portal-busy", "too many people sign in at once; try again in a moment");
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else this.#running++;
    try {
      const { memory, passes, parallelism } = cost;
      return await hash("argon2id", {
        message: text,
        nonce,
        secret: this.#secret,
        memory,
        passes,
        parallelism,
        tagLength: TAG_OCTETS,
      });
    } finally {
      // Whoever waits longest takes the place over, so `running` stays.
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

function plain(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64").replace(/=+$/, "");
}

function parse(text: string) {
  const [, memory, passes, parallelism, salt = "", tag = ""] = SHAPE.exec(text) ?? [];
  if (memory === undefined) return undefined;
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, "base64"),
    tag: Buffer.from(tag, "base64"),
  };
}
