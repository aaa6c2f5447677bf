/** What the executor and `ip -batch` both work on: two devices, a neighbour behind each, a nexthop object for each. */
export const ROUTES = 50_000;
export const NEXTHOPS = [
  { id: 0x76000001, via: "fe80::a", device: "a0" },
  { id: 0x76000002, via: "fe80::b", device: "b0" },
] as const;

/** In the order they are done. */
export const FIB_STEPS = ["add", "replan", "replace", "move", "delete"] as const;
export type FibStep = (typeof FIB_STEPS)[number];
export type FibTimes = Readonly<Record<FibStep, number>>;

/** After each step: routes by the number of the nexthop (0, 1) that they must use then. */
export const EXPECTED: Readonly<Record<FibStep, 0 | 1 | undefined>> = {
  add: 0,
  replan: 0,
  replace: 1,
  move: 1,
  delete: undefined,
};

/** Milliseconds that `work` took. */
export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
