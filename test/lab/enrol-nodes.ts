import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { enrolNode } from "../../agent/src/enrol.ts";
import { enrolService } from "../../agent/src/io/enrol-client.ts";
import { openIdentityStore } from "../../agent/src/io/identity-store.ts";
import { ApiClient } from "../../controller/src/cli/client.ts";
import type { ClaimReply } from "../../controller/src/http/routes-identity.ts";
import { controllerSocket, enrolUrl, identityDirectory, nodeDirectory } from "./programs.ts";

/**
 * `enrol-nodes.ts LAB NODE…`, inside the controller's namespace: what a technician does at a bench beside the NOC before a
 * router is carried away. One process for all of them, for starting one each would take longer than all the rest.
 */
async function enrolOne(lab: string, api: ApiClient, node: string): Promise<void> {
  const file = join(nodeDirectory(lab, node), "claim.token");
  const { token } = await api.post<ClaimReply>(`/v1/nodes/${node}/enrol`, {
    ttlS: 600,
    url: enrolUrl("::1"),
  });
  await writeFile(file, token, { mode: 0o600, flag: "wx" });
  await enrolNode({
    node,
    claim: decodeClaim(await readFile(file, "utf8")),
    store: openIdentityStore(identityDirectory(lab, node)),
    service: enrolService,
    now: Date.now,
  });
  await rm(file);
}

const [lab = "", ...nodes] = process.argv.slice(2);
const api = new ApiClient({ socket: controllerSocket(lab) }, "lab");
await Promise.all(nodes.map((node) => enrolOne(lab, api, node)));
