import { Type } from "@sinclair/typebox";

/** Names of nodes, planes and sites. They appear in topics, interface names and namespaces. */
export const NAME_PATTERN = "^[a-z][a-z0-9-]{0,62}$";
/** Values of labels; keys are names. No comma and no `=`: `--select` separates with them. */
export const LABEL_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$";
export const Name = Type.String({
  pattern: NAME_PATTERN,
  description: "A letter, then a-z, 0-9 or -; at most 63.",
});
export const Asn = Type.Integer({ minimum: 1, maximum: 4294967294, description: "AS number, RFC 6793." });
export const PrefixText = Type.String({
  maxLength: 64,
  description: "IPv6 prefix, no bits set beyond its length: 2001:db8::/32",
});
