import { msOf } from "./evidence/time-code.ts";
import { type CycleView, lostIn, sentIn } from "./evidence/view.ts";

/** What one node measured of one destination, cycle by cycle as far as they are kept, oldest first. */
export interface Course {
  /** When each cycle began, on the controller's clock that never jumps. */
  readonly beganMs: readonly number[];
  readonly peers: readonly {
    readonly peer: string;
    /** Median round trip of each cycle; null where too few came back. */
    readonly rttMs: readonly (number | null)[];
    /** Of the probes sent in that cycle, 0 to 1; null where none was sent. */
    readonly loss: readonly (number | null)[];
  }[];
}

/** Undefined where nothing was ever told of the address. Peers that nothing was sent by are left out. */
export function courseOf(view: CycleView, address: string): Course | undefined {
  const row = view.rowOf(address);
  if (row === undefined) return undefined;
  const cycles = view.cycles.toReversed();
  return {
    beganMs: cycles.map(({ beganMs }) => beganMs),
    peers: view.peers.flatMap((peer, column) => {
      const cell = row * view.peers.length + column;
      const told = cycles.map(({ slot }) => view.told[cell * view.slots + slot] ?? 0);
      if (told.every((one) => sentIn(one) === 0)) return [];
      return [
        {
          peer,
          rttMs: cycles.map(({ slot }) => {
            const ms = msOf(view.rtts[cell * view.slots + slot] ?? 0);
            return Number.isNaN(ms) ? null : ms;
          }),
          loss: told.map((one) => (sentIn(one) === 0 ? null : lostIn(one) / sentIn(one))),
        },
      ];
    }),
  };
}
