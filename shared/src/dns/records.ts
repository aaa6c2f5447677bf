import { numbers32, plainRoom, type Room } from "./room.ts";

/** Numbers of a record. */
export const FIELDS = 4;

/**
 * A growing list of records of four numbers below 2^32, side by side: what is asked of one of them stands in one line of the cache. Number
 * `f` of record `i` is `values[i * FIELDS + f]`.
 */
export class Records {
  length = 0;
  values: Uint32Array;
  readonly #room: Room;
  #column = new Uint32Array();

  constructor(length = 1024, room = plainRoom) {
    this.#room = room;
    this.values = numbers32(room, length * FIELDS);
  }

  push(first: number, second: number, third: number, fourth: number): void {
    const at = this.length++ * FIELDS;
    if (at === this.values.length) {
      const wider = numbers32(this.#room, at * 2);
      wider.set(this.values);
      this.values = wider;
    }
    const { values } = this;
    values[at] = first;
    values[at + 1] = second;
    values[at + 2] = third;
    values[at + 3] = fourth;
  }

  /** One number of all records, `part` of each: as long as no other is asked for. */
  column(field: number, part: (value: number) => number = (value) => value): Uint32Array {
    if (this.#column.length < this.length) this.#column = new Uint32Array(this.values.length / FIELDS);
    const { values } = this;
    const column = this.#column;
    for (let i = 0; i < this.length; i++) column[i] = part(values[i * FIELDS + field] as number);
    return column.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}
