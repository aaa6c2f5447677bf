import type { Json } from "../resources/nftables/model.ts";

/** Statements and expressions of nftables that several filters need, in the form in which they are read back. */

export const DROP: Json = { drop: null };
export const RETURN: Json = { return: null };

export function match(op: string, left: Json, right: Json): Json {
  return { match: { op, left, right } };
}

export function meta(key: string): Json {
  return { meta: { key } };
}

export function portIn(key: "iifname" | "oifname", names: readonly string[]): Json {
  return match("==", meta(key), { set: [...names] });
}

export function notFrom(port: string): Json {
  return match("!=", meta("iifname"), port);
}

/** @param prefix with length or without. */
export function address(field: "saddr" | "daddr", op: "==" | "!=", prefix: string): Json {
  const [addr = prefix, length] = prefix.split("/");
  const whole = length === undefined || length === "128";
  const right: Json = whole ? addr : { prefix: { addr, len: Number(length) } };
  return match(op, { payload: { protocol: "ip6", field } }, right);
}
