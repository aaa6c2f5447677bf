import type { Dice } from "./mutate.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What is easily forgotten: odd numbers, names of Object.prototype, things that are nearly an address. */
const ODD: readonly Json[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  4294967296,
  "",
  "__proto__",
  "constructor",
  "::",
  "::/0",
  "::/129",
  "2001:db8::1%lo",
  "::ffff:192.0.2.1",
  "..",
  "a".repeat(5000),
  "\u0000",
  "\ud800",
  [],
  {},
];

/** JSON text with one to four values changed, doubled, taken away, put elsewhere or wrapped. Not JSON: unchanged. */
export function mutateJson(text: string, dice: Dice): string {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return text;
  }
  for (let left = 1 + dice.below(4); left > 0; left--) value = change(value, dice, 0);
  return JSON.stringify(value);
}

function change(value: Json, dice: Dice, depth: number): Json {
  const inside = depth < 30 && dice.below(5) !== 0;
  if (Array.isArray(value) && value.length > 0 && inside) {
    const at = dice.below(value.length);
    const copy = [...value];
    const one = copy[at] ?? null;
    const what = dice.below(8);
    if (what === 0) copy.splice(at, 1);
    else if (what === 1) copy.push(one);
    else copy[at] = change(one, dice, depth + 1);
    return copy;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value) && inside) {
    const keys = Object.keys(value);
    if (keys.length === 0) return dice.pick(ODD);
    const key = dice.pick(keys);
    const what = dice.below(10);
    const entries = Object.entries(value);
    if (what === 0) return Object.fromEntries(entries.filter(([name]) => name !== key));
    if (what === 1) return { ...value, [`${key}${dice.below(3)}`]: value[key] ?? null };
    // Another member's value, as JSON.parse would make it: never the prototype.
    const fresh = what === 2 ? (value[dice.pick(keys)] ?? null) : change(value[key] ?? null, dice, depth + 1);
    return Object.fromEntries(entries.map(([name, old]) => [name, name === key ? fresh : old]));
  }
  if (dice.below(6) === 0) return wrapped(value, dice.below(200));
  return typeof value === "number" && dice.below(2) === 0 ? value + dice.below(3) - 1 : dice.pick(ODD);
}

function wrapped(value: Json, times: number): Json {
  let inner = value;
  for (let i = 0; i < times; i++) inner = [inner];
  return inner;
}
