import type { EpeEvent, EpeEventType } from "@vsix/shared/notify/epe-event.ts";
import type { EpeNotice } from "@vsix/shared/notify/notice.ts";
import { HookReceiver } from "../hook-receiver.ts";
import { type Lab, namespaceOf } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { mustRun } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { announcing, reconfigureBird } from "./bird.ts";
import { bgpChoice, bothWays, enableAndMove, history, setStage } from "./epe-stage.ts";
import { json, PORT, SECRET, slack, tellReceivers } from "./receivers.ts";

const PATIENCE_MS = 60_000;

/** The report's case: BGP goes over five ASes where another peer has three, for a transit tells a more specific route. */
async function longPath(context: ScenarioContext): Promise<Figures> {
  const { lab, signal } = context;
  await using hook = await HookReceiver.start(lab, PORT);
  await tellReceivers(context, [json("noc"), slack("chat")]);
  const notices = (): readonly EpeNotice[] =>
    hook.taken("/noc", SECRET).filter((notice) => notice.kind === "epe");
  const told = async (type: EpeEventType, words: RegExp): Promise<EpeEvent | undefined> => {
    const find = () =>
      notices().find(
        ({ event }) => event.type === type && event.lines.some((line) => words.test(line.words)),
      );
    await hook.until(() => find() !== undefined, PATIENCE_MS, signal);
    const event = find()?.event;
    context.check(event !== undefined, `no receiver was told ${type}: ${JSON.stringify(notices())}`);
    return event;
  };
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  const { bgp } = await bgpChoice(context, stage);
  const liar = stage.peers.find(({ name }) => name === bgp);
  const [prefix = ""] = stage.destination.prefixes;
  const specific = prefix.replace(/\/\d+$/, "/48");
  context.step(`${bgp} tells ${specific} over five ASes`);
  const hops = [stage.destination.asn, 64_599, 64_598, 64_597];
  const prepend = hops.map((asn) => `bgp_path.prepend(${asn});`).join(" ");
  await reconfigureBird(
    lab,
    liar?.upstream.name ?? "",
    announcing([specific], [liar?.via.name ?? ""], prepend),
  );
  await context.ctlJson("epe", "observe");
  const bad = await told("bad-path", /^longer AS path: .* over 5 AS/);
  const { better: peer, movedMs } = await enableAndMove(context, stage);
  await told("moved", new RegExp(`${bgp} -> ${peer}`));
  await context.sleep(2000);
  context.check((await stage.leavesBy(1000)) === peer, `packets do not leave by ${peer}`);
  const figures = await context.account(flows);

  const headend = await headendOf(context);
  context.step(`somebody deletes the encapsulation in the kernel of ${headend}`);
  await deleteEncapsulation(lab, headend);
  const alarm = await told("alarm", /overrides: .*(changed|not in the kernel)/);
  context.check(
    alarm?.level === "alarm" && alarm.lines.some(({ node }) => node === headend),
    `the alarm is of somebody else: ${JSON.stringify(alarm)}`,
  );
  context.step("vsixctl epe off");
  await context.ctlJson("epe", "off", "--note", "scenario");
  await told("switched", /^off, by /);
  const logged = await history(context);
  const chat = hook.requests.filter(({ path }) => path === "/chat");
  context.check(
    chat.some(({ body }) => (JSON.parse(body) as { readonly text: string }).text.includes("longer AS path")),
    "the chat was not told",
  );
  const ids = notices().map(({ id }) => id);
  context.check(new Set(ids).size === ids.length, "a notice came twice");
  return {
    flows: figures,
    timesMs: { "enabled to moved": movedMs },
    other: {
      bgp,
      better: peer,
      told: bad?.lines.map(({ words }) => words),
      alarm: alarm?.lines.map(({ words }) => words),
      notices: notices().map(({ event: { type, count } }) => `${type} ${count}`),
      logged: logged.length,
    },
  };
}

/** The plane router that leads traffic elsewhere. */
async function headendOf(context: ScenarioContext): Promise<string> {
  const move = (await history(context)).find(({ body }) => body.kind === "move");
  if (move?.body.kind !== "move") throw new LabError("lab/scenario", "history has no move");
  return move.body.node;
}

/** As a hand would that knows iproute2 and not what it does. */
async function deleteEncapsulation(lab: Lab, node: string): Promise<void> {
  const namespace = namespaceOf(lab, node);
  const list = await mustRun("ip", ["-n", namespace, "nexthop", "show"]);
  const ids = list
    .split("\n")
    .filter((line) => /\bencap seg6\b/.test(line))
    .map((line) => /\bid (\d+)/.exec(line)?.[1]);
  const [id] = ids;
  if (id === undefined) throw new LabError("lab/scenario", `${node} has no encapsulation: ${list}`);
  await mustRun("ip", ["-n", namespace, "nexthop", "del", "id", id]);
}

export const EPE_TOLD_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-long-path",
    summary:
      "BGP goes over five ASes where another peer has three: receivers are told with the evidence, it is led the better way, and an encapsulation that somebody deletes is an alarm",
    long: true,
    fabric: "examples/epe.yaml",
    run: longPath,
  },
];
