import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Status } from "../../../controller/src/status/model.ts";
import { runCtl } from "../ctl.ts";
import { startProgram, stopProgram } from "../faults.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { SecondController } from "../second-controller.ts";
import { statusSays } from "./fault-controller.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, controllerNodeName, ownEdge, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

const NEWER = /NEWER THAN THIS CONTROLLER KNOWS/;

/** Asks the second controller until it says so; false when it has not in 20 s. */
async function secondSays(
  context: ScenarioContext,
  second: SecondController,
  holds: (status: Status) => boolean,
): Promise<boolean> {
  for (let attempt = 0; attempt < 80; attempt++) {
    const status = await second.status();
    if (status !== undefined && holds(status)) return true;
    await context.sleep(250);
  }
  return false;
}

/**
 * The worst that a second controller can do is to meet every node: at a broker of its own it would hear nobody, so this one
 * comes to the mosquitto of the first, from another machine.
 */
async function secondController(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const edge = ownEdge(lab.fabric);
  const { home, away } = planesOf(lab.fabric, edge);
  const noc = controllerNodeName(lab.fabric);
  const other = lab.fabric.nodes.find(({ role }) => role === "external-edge")?.name ?? "";
  const second = new SecondController(lab, other);
  const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
  let plane = home;
  const steerOver = async (when: string): Promise<void> => {
    plane = plane === home ? away : home;
    await context.ctl("edge", "steer", edge.name, "--plane", plane);
    await checkPlanes(context, edge.name, plane, when);
  };
  const isSilent = async (when: string): Promise<void> => {
    const said = await secondSays(context, second, ({ why }) => why.some((reason) => NEWER.test(reason)));
    context.check(said, `${when}: the second controller's status says nothing of it`);
    const steer = await second.ctl("edge", "steer", edge.name, "--plane", plane === home ? away : home);
    context.check(steer.code === 1, `${when}: the second controller steers: exit ${steer.code}`);
    await checkPlanes(context, edge.name, plane, when);
  };

  context.step("a copy of the database is made while the controller runs, and the network changes after it");
  await second.prepare("copy");
  await steerOver("after the copy");
  for (let starts = 1; starts <= 3; starts++) {
    context.step(`${other}: a second controller runs from the copy, start ${starts}`);
    await second.start();
    await isSilent(`the copy, start ${starts}`);
    // Its epoch is higher than the first one's by now.
    await steerOver(`beside the copy, start ${starts}`);
    const audit = (await second.ctl("audit")).stdout;
    context.check(/fleet-newer/.test(audit), "the second controller's audit log says nothing of it");
    await second.stop();
  }
  context.check(/newer than this controller knows/.test(await readFile(second.log, "utf8")), "nor its log");

  context.step(
    "a copy that lacks nothing is as good as the first controller started anew: one of the two is obeyed",
  );
  await second.prepare("copy");
  await second.start();
  context.check(
    await statusSays(context, NEWER),
    "the first controller does not say that another has taken over",
  );
  const refused = await runCtl(lab, ["edge", "steer", edge.name, "--plane", plane === home ? away : home]);
  context.check(refused.code === 1, `both controllers steer: exit ${refused.code}`);
  await checkPlanes(context, edge.name, plane, "after the takeover");
  await context.ctl("epoch", "raise");
  await isSilent("after the first one's epoch raise");
  await steerOver("the first controller again");
  await second.stop();

  context.step("beside the first, on its machine: nothing that belongs to it is touched");
  const files = ["mosquitto/ca.crt", "mosquitto/acl", "controller.pub"].map((name) =>
    join(lab.stateDir, name),
  );
  const before = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const sameSocket = await second.runBeside({});
  context.check(
    /another controller listens there/.test(sameSocket.stderr),
    `same socket: ${sameSocket.stderr}`,
  );
  const own = { socket: join(lab.stateDir, "beside.sock"), publicKeyFile: join(lab.stateDir, "beside.pub") };
  const sameFiles = await second.runBeside(own);
  context.check(/another controller uses it/.test(sameFiles.stderr), `same files: ${sameFiles.stderr}`);
  const after = await Promise.all(files.map((file) => readFile(file, "utf8")));
  context.check(
    after.every((text, i) => text === before[i]),
    "a file of the first controller was written over",
  );
  await steerOver("after those");

  context.step(`${other}: a second controller with a database, keys and a CA of its own`);
  await second.prepare("fresh");
  await second.start();
  const ended = await second.end();
  context.check(ended === "exit 1", `the broker did not turn it away: ${ended}`);
  await steerOver("beside one of its own CA");
  await second.stop();

  context.step(
    `${other}: one with the CA, a database and a signing key of its own, and an operator who insists`,
  );
  await second.prepare("ca");
  await second.start();
  context.check(
    await secondSays(context, second, ({ why }) => why.some((r) => NEWER.test(r))),
    "it says nothing",
  );
  const applied = await second.ctl("apply", lab.file);
  context.check(applied.code === 1, `its first apply was taken: exit ${applied.code}`);
  await second.ctl("epoch", "raise");
  const forced = await second.ctl("apply", lab.file);
  context.check(forced.code === 0, `its apply after the raise: exit ${forced.code}: ${forced.stderr}`);
  const deaf = await secondSays(context, second, ({ nodes }) =>
    nodes.every(({ refused: why }) => /unknown-key/.test(why ?? "")),
  );
  context.check(deaf, "not every node has refused its signatures by name");
  await checkPlanes(context, edge.name, plane, "under foreign signatures");
  await steerOver("beside foreign signatures");
  await second.stop();

  context.step("the first controller starts anew and puts its own documents back");
  await stopProgram(lab, noc, "controller");
  await startProgram(lab, noc, "controller");
  const convergedMs = await context.converge(60_000);
  await steerOver("afterwards");
  await checkPlansEmpty(context);
  return { flows: await context.account(flows), timesMs: { converged: convergedMs } };
}

export const FAULT_SECOND_SCENARIOS: readonly Scenario[] = [
  {
    name: "fault-second-controller",
    summary:
      "a second controller comes to the first one's broker with its database, with none, with its CA: one is obeyed",
    fabric: "examples/quick.yaml",
    broker: "mosquitto",
    run: secondController,
  },
];
