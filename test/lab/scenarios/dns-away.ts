import { startProgram, stopProgram } from "../faults.ts";
import type { Scenario } from "../scenario.ts";
import { startAskStream } from "../services/client.ts";
import { clientEdge } from "../services/outside.ts";
import { NAMES } from "../services/zones.ts";
import { beginCapture, checkCounted, lostPairs } from "./dns-counted.ts";
import { controllerNodeName } from "./pick.ts";

const AWAY_MS = 600_000;
/** 100 questions a second: what an event of some hundred people asks. */
const EVERY_MS = 10;

const away: Scenario = {
  name: "dns-away",
  summary:
    "the controller is stopped for ten minutes under 100 questions a second, captured at two points: it counts every one, once, and nothing is lost",
  fabric: "examples/dns64.yaml",
  long: true,
  run: async (context) => {
    const { lab } = context;
    const noc = controllerNodeName(lab.fabric);
    const [server = ""] = lab.fabric.services?.resolver?.anycast ?? [];
    const from = await beginCapture(context, clientEdge(lab.fabric).name);
    await using stream = startAskStream(lab, server, NAMES.wild, EVERY_MS);
    await context.sleep(5_000);
    context.step("the controller is stopped for ten minutes");
    await stopProgram(lab, noc, "controller");
    const stoppedMs = performance.now();
    await context.sleep(AWAY_MS);
    await startProgram(lab, noc, "controller");
    const awayMs = Math.round(performance.now() - stoppedMs);
    context.step("the controller is back");
    await context.converge();
    const convergedMs = Math.round(performance.now() - stoppedMs - awayMs);
    await context.sleep(5_000);
    const asked = await stream.stop();
    const counted = await checkCounted(
      context,
      from,
      { "type.28": asked.sent, "outcome.native": asked.rcodes["NOERROR"] ?? 0 },
      "after ten minutes",
      asked.sent,
    );
    const countedMs = Math.round(performance.now() - stoppedMs - awayMs);
    const lost = lostPairs(counted);
    context.check(lost === 0, `${lost} pairs were lost while the controller was away`);
    context.check((counted?.total["duplicates"] ?? 0) > 0, "blue-sfc saw nothing of what the Edge saw");
    return {
      flows: [],
      timesMs: {
        "controller away": awayMs,
        "back until converged": convergedMs,
        "back until counted": countedMs,
      },
      other: {
        asked,
        counted: counted?.total["client.pairs"],
        native: counted?.total["client.outcome.native"],
        "seen at both points": counted?.total["duplicates"],
        "of resolvers": counted?.total["authority.pairs"],
        "lost pairs": lost,
      },
    };
  },
};

export const DNS_AWAY_SCENARIOS: readonly Scenario[] = [away];
