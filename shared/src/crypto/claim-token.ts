import { Value } from "@sinclair/typebox/value";
import { CLAIM_PREFIX, Claim } from "../contract/enrol.ts";
import { VsixError } from "../errors/vsix-error.ts";

/** The one line that an operator hands to a new node. */
export function encodeClaim(claim: Claim): string {
  return `${CLAIM_PREFIX}${Buffer.from(JSON.stringify(claim)).toString("base64url")}`;
}

/** Throws VsixError `bad-token`; no message repeats any of the token. */
export function decodeClaim(token: string): Claim {
  const text = token.trim();
  if (!text.startsWith(CLAIM_PREFIX) || text.length > 4096)
    throw new VsixError("bad-token", `this is no claim token: it does not begin with ${CLAIM_PREFIX}`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text.slice(CLAIM_PREFIX.length), "base64url").toString("utf8"));
  } catch {
    throw new VsixError("bad-token", "the claim token is damaged: copy it again, whole");
  }
  if (!Value.Check(Claim, value) || !URL.canParse(value.url))
    throw new VsixError("bad-token", "the claim token lacks something: copy it again, whole");
  return value;
}
