/** A way for a new version of the agent to be bad. */
export interface Spoil {
  readonly name: string;
  /** Runs before the program, as an ES module. */
  readonly code: string;
  /** What whoever watches is to say. */
  readonly lost: RegExp;
}

const WHEN_IT_RUNS = 'if (process.argv[2] === "run")';

export const SPOILS: readonly Spoil[] = [
  {
    name: "exits-at-once",
    code: `${WHEN_IT_RUNS} process.exit(1);`,
    lost: /were not after 25 s: .*agent, controller.*; it started \d+ times? more/,
  },
  {
    name: "cannot-connect",
    code: `import tls from "node:tls";
import { syncBuiltinESMExports } from "node:module";
const { connect } = tls;
${WHEN_IT_RUNS} tls.connect = (options, ...rest) => connect({ ...options, host: "::1", port: 9 }, ...rest);
syncBuiltinESMExports();`,
    lost: /1 were not after 25 s: controller$/,
  },
  {
    name: "loses-the-tunnel",
    // It takes its own address away again and again, and with it the way back from the tunnel's far end; and it does not end when it is told to.
    code: `import { spawnSync } from "node:child_process";
${WHEN_IT_RUNS} setInterval(() => spawnSync("ip", ["address", "del", "2001:db8:1::1/128", "dev", "lo"]), 100);`,
    lost: /were not after 25 s: .*far end 2001:db8:f::1 of tunnel t6/,
  },
];
