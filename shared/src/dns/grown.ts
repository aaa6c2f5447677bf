import { numbers32, plainRoom, type Room } from "./room.ts";

/** A growing row of numbers below 2^32. */
export class Grown {
  length = 0;
  values: Uint32Array;
  readonly #room: Room;

  constructor(length = 1024, room = plainRoom) {
    this.#room = room;
    this.values = numbers32(room, length);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const wider = numbers32(this.#room, this.length * 2);
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
