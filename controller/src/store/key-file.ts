import { randomBytes } from "node:crypto";
import { ControllerError, messageOf } from "../errors.ts";
import { readSecret, writeDurably } from "./durable-file.ts";

const KEY = /^[0-9a-f]{64}$/;

/**
 * A key of 64 hexadecimal digits from a file of mode 0600 beside the database: Telescreen's of pseudonyms and hashes, that of preshared keys.
 * Only the controller's own is made when missing: who names a file has a key in mind, and what is made of another would go with
 * nothing. Throws ControllerError `key-file`, which never shows what stands in the file.
 */
export async function loadKeyFile(file: string, missing: "make" | "refuse"): Promise<string> {
  try {
    const text = await readSecret(file);
    if (text === undefined) {
      if (missing === "refuse") throw new Error("there is no such file; openssl rand -hex 32 makes a key");
      const made = randomBytes(32).toString("hex");
      await writeDurably(file, `${made}\n`, 0o600);
      return made;
    }
    if (!KEY.test(text.trim()))
      throw new Error("holds no key: 64 hexadecimal digits in lower case are wanted");
    return text.trim();
  } catch (cause) {
    throw new ControllerError("key-file", `${file}: ${messageOf(cause)}`, { cause });
  }
}
