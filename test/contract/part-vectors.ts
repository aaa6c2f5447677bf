import { accessVectors } from "./access-vectors.ts";
import { advertiseVectors } from "./advertise-vectors.ts";
import { captureVectors } from "./capture-vectors.ts";
import { healthVectors } from "./health-vectors.ts";
import { homeVectors } from "./home-vectors.ts";
import { nodeVectors } from "./node-vectors.ts";
import { proberVectors } from "./prober-vectors.ts";
import { serviceVectors } from "./service-vectors.ts";

/** Vectors that stand in files of their own, one for each part or pair of messages. */
export function partVectors(): readonly { readonly name: string; readonly kind: string }[] {
  return [
    ...serviceVectors(),
    ...healthVectors(),
    ...captureVectors(),
    ...accessVectors(),
    ...advertiseVectors(),
    ...homeVectors(),
    ...nodeVectors(),
    ...proberVectors(),
  ];
}
