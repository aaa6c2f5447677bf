/** Pseudo-random numbers, the same for the same seed: xoshiro128** (Blackman & Vigna 2018), seeded by splitmix32. */
export class Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    let x = seed | 0;
    for (let at = 0; at < 4; at++) {
      x = (x + 0x9e3779b9) | 0;
      let z = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.#state[at] = z ^ (z >>> 15);
    }
  }

  /** From 0 to less than 1. */
  uniform(): number {
    const s = this.#state;
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = s;
    const turned = Math.imul(s1, 5);
    const result = Math.imul((turned << 7) | (turned >>> 25), 9) >>> 0;
    s[2] = s2 ^ s0;
    s[3] = s3 ^ s1;
    s[1] = s1 ^ (s[2] ?? 0);
    s[0] = s0 ^ (s[3] ?? 0);
    s[2] = (s[2] ?? 0) ^ (s1 << 9);
    s[3] = ((s[3] ?? 0) << 11) | ((s[3] ?? 0) >>> 21);
    return result / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number from 0 to less than `count`. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  chance(p: number): boolean {
    return this.uniform() < p;
  }

  /** Standard normal; Box and Muller, both halves used. */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
  #spare: number | undefined;

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }
}
