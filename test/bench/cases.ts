import { accessApplyCase } from "./access-apply.ts";
import { accessForwardCase } from "./access-forward.ts";
import { addressesCase } from "./addresses.ts";
import { agentSmallCase } from "./agent-small.ts";
import type { BenchCase } from "./bench-case.ts";
import { delegationCase } from "./delegation.ts";
import { dnsCaptureCase } from "./dns-capture.ts";
import { dnsQueryCase } from "./dns-query.ts";
import { epeDecideCase } from "./epe-decide.ts";
import { epeProbeCase } from "./epe-probe.ts";
import { fibCase } from "./fib.ts";
import { pathChangeCase } from "./path-change.ts";
import { rolloutAbortCase } from "./rollout-abort.ts";
import { silentLinkCase } from "./silent-link.ts";
import { STEER_CASES } from "./steer.ts";
import { traceCycleCase } from "./trace-cycle.ts";
import { webApiCase } from "./web-api.ts";
import { webLiveCase } from "./web-live.ts";
import { webLoadCase } from "./web-load.ts";
import { wireguardPeersCase } from "./wireguard-peers.ts";

/** In the order they run. */
export const BENCH_CASES: readonly BenchCase[] = [
  fibCase,
  ...STEER_CASES,
  silentLinkCase,
  traceCycleCase,
  epeProbeCase,
  epeDecideCase,
  dnsQueryCase,
  pathChangeCase,
  rolloutAbortCase,
  dnsCaptureCase,
  addressesCase,
  accessApplyCase,
  wireguardPeersCase,
  delegationCase,
  accessForwardCase,
  agentSmallCase,
  webLiveCase,
  webApiCase,
  webLoadCase,
];
