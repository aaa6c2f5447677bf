/** A growing row of numbers below 2^32. */
export class Grown {
  length = 0;
  values: Uint32Array;

  constructor(room = 1024) {
    this.values = new Uint32Array(room);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const wider = new Uint32Array(this.length * 2);
      wider.set(this.values);
      this.values = wider;
    }
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return this.values[index] as number;
  }

  clear(): void {
    this.length = 0;
  }
}
