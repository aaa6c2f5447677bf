import { timestamp } from "../clock.ts";
import { courseOf } from "../core/epe/course.ts";
import type { Context } from "../operations/context.ts";
import { findDestination } from "./find-destination.ts";

/** What was measured of one destination by every peer, cycle by cycle, as far back as is kept in memory. */
export interface EpeCourse {
  readonly prefix: string;
  readonly nodes: readonly {
    readonly node: string;
    /** When each cycle began by the controller's clock, RFC 3339, oldest first. */
    readonly at: readonly string[];
    readonly peers: readonly {
      readonly peer: string;
      readonly rttMs: readonly (number | null)[];
      /** 0 to 1. */
      readonly loss: readonly (number | null)[];
    }[];
  }[];
}

/** Throws ControllerError `unknown-destination`. */
export function epeCourse(context: Context, destination: string): EpeCourse {
  const { found } = findDestination(context, destination);
  const { clock, desired, epe: runner } = context;
  const nowMs = clock.monotonicMs();
  const wallMs = clock.wallMs();
  const view = runner.evidence?.view(new Set(), nowMs);
  return {
    prefix: found.prefix,
    nodes: (desired.inForce?.fabric.epe?.measure.from ?? []).flatMap((node) => {
      const cycles = view?.cycles(node);
      const course = cycles === undefined ? undefined : courseOf(cycles, found.address);
      if (course === undefined) return [];
      return [
        {
          node,
          at: course.beganMs.map((beganMs) => timestamp(wallMs - (nowMs - beganMs))),
          peers: course.peers,
        },
      ];
    }),
  };
}
