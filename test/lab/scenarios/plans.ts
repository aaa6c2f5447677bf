import { namespaceOf } from "../lab.ts";
import { agentCommand } from "../programs.ts";
import { inNamespace, run } from "../run.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** Exit status of `vsix-agent plan` when there is something to do. */
const NOT_EMPTY = 10;

/** Checks on every node of ours, or on those that are named, that `vsix-agent plan` has nothing to do: the kernel is what it should be. */
export async function checkPlansEmpty(context: ScenarioContext, names?: readonly string[]): Promise<void> {
  const { lab } = context;
  const ours = lab.fabric.nodes.filter((n) => n.software === "vsix");
  for (const node of ours.filter(({ name }) => names?.includes(name) ?? true)) {
    const command = [...agentCommand(lab.name, node.name, "plan"), "--json"];
    const [file = "ip", ...args] = inNamespace(namespaceOf(lab, node.name), command);
    const { code, stdout, stderr } = await run(file, args, { signal: context.signal });
    if (code !== 0 && code !== NOT_EMPTY) {
      context.check(false, `plan on ${node.name}: exit ${code}: ${stderr.trim().slice(-500)}`);
      continue;
    }
    const { plan } = JSON.parse(stdout) as { readonly plan: readonly string[] };
    context.check(
      plan.length === 0,
      `plan on ${node.name} has ${plan.length} steps: ${plan.slice(0, 5).join("; ")}`,
    );
  }
}
