import { namespaceOf } from "../lab.ts";
import { agentCommand } from "../programs.ts";
import { inNamespace, run } from "../run.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** Checks on every node of ours that `vsix-agent plan` has nothing to do: the kernel is what it should be. */
export async function checkPlansEmpty(context: ScenarioContext): Promise<void> {
  const { lab } = context;
  for (const node of lab.fabric.nodes.filter((n) => n.software === "vsix")) {
    const command = [...agentCommand(lab.name, node.name, "plan"), "--json"];
    const [file = "ip", ...args] = inNamespace(namespaceOf(lab, node.name), command);
    const { code, stdout, stderr } = await run(file, args);
    if (code !== 0) {
      context.check(false, `plan on ${node.name}: exit ${code}: ${stderr.trim().slice(-500)}`);
      continue;
    }
    const steps = planSteps(JSON.parse(stdout) as unknown);
    context.check(
      steps.length === 0,
      `plan on ${node.name} is not empty: ${JSON.stringify(steps).slice(0, 500)}`,
    );
  }
}

function planSteps(plan: unknown): readonly unknown[] {
  if (Array.isArray(plan)) return plan;
  const { steps } = plan as { readonly steps?: unknown };
  return Array.isArray(steps) ? steps : [plan];
}
