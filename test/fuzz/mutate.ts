/** A small generator of pseudo-random numbers (xorshift32, Marsaglia 2003): the same seed, the same run. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 0x9e3779b9;
  }

  /** 0 up to, not including, `below`. */
  below(below: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % below;
  }

  pick<T>(from: readonly T[]): T {
    const one = from[this.below(from.length)];
    if (one === undefined) throw new Error("nothing to pick from");
    return one;
  }
}

/** Values at which decoders are wrong by one. */
const EDGES = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 129, 254, 255];
/** No input is longer: what is slow per octet must not hide what is wrong. */
const LONGEST = 64 * 1024;

/** A seed with one to six things wrong with it; now and then something wholly random. */
export function mutate(seeds: readonly Uint8Array[], dice: Dice): Uint8Array {
  if (dice.below(50) === 0) return random(dice, dice.below(300));
  let bytes = Uint8Array.from(dice.pick(seeds));
  for (let left = 1 + dice.below(6); left > 0; left--) bytes = change(bytes, seeds, dice);
  return bytes.subarray(0, LONGEST);
}

function change(
  bytes: Uint8Array<ArrayBuffer>,
  seeds: readonly Uint8Array[],
  dice: Dice,
): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) return random(dice, 1 + dice.below(40));
  const at = dice.below(bytes.length);
  const length = 1 + dice.below(Math.min(64, bytes.length - at));
  switch (dice.below(9)) {
    case 0: // one bit
      bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
      return bytes;
    case 1:
      bytes[at] = dice.pick(EDGES);
      return bytes;
    case 2: // a length or count of two octets, either order
      bytes[at] = dice.pick(EDGES);
      if (at + 1 < bytes.length) bytes[at + 1] = dice.pick(EDGES);
      return bytes;
    case 3:
      return bytes.slice(0, at);
    case 4: // taken out
      return join(bytes.subarray(0, at), bytes.subarray(at + length));
    case 5: // twice
      return join(bytes.subarray(0, at + length), bytes.subarray(at));
    case 6: // random octets put in
      return join(bytes.subarray(0, at), random(dice, length), bytes.subarray(at));
    case 7: {
      // the end of another seed
      const other = dice.pick(seeds);
      return join(bytes.subarray(0, at), other.subarray(dice.below(other.length + 1)));
    }
    default: // written over
      bytes.set(random(dice, length), at);
      return bytes;
  }
}

function random(dice: Dice, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => dice.below(256));
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
