import { Alert, Code, Group, Text } from "@mantine/core";
import { useState } from "react";
import { api, dataOf } from "../../../api/client.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { nodeQuery, statusQuery } from "../network-queries.ts";
import { nodeTexts } from "./node.texts.ts";

const TTL_S = 3600;

/** Who the node may be. A claim is a secret: it is shown once, and kept nowhere. */
export function NodeActions({ name }: { readonly name: string }) {
  const t = useTexts(nodeTexts);
  const format = useFormat();
  const [claim, setClaim] = useState<{ readonly token: string; readonly expires: string }>();
  const params = { path: { name } };
  const refreshes = [nodeQuery(name).queryKey, statusQuery.queryKey];
  const body = { ttlS: TTL_S };
  return (
    <>
      <Group gap="xs">
        <Confirmed
          needs="node"
          label={t("enrol")}
          of={name}
          run={async () => setClaim(await dataOf(api.POST("/v1/nodes/{name}/enrol", { params, body })))}
          refreshes={refreshes}
        >
          <Text>{t("enrol-sure", { node: name })}</Text>
        </Confirmed>
        <Confirmed
          needs="node"
          label={t("rekey")}
          of={name}
          run={async () => setClaim(await dataOf(api.POST("/v1/nodes/{name}/rekey", { params, body })))}
          refreshes={refreshes}
        >
          <Text>{t("rekey-sure", { node: name })}</Text>
        </Confirmed>
        <Confirmed
          needs="node"
          isDangerous
          label={t("revoke")}
          of={name}
          run={() => api.POST("/v1/nodes/{name}/revoke", { params })}
          refreshes={refreshes}
        >
          <Text>{t("revoke-sure", { node: name })}</Text>
        </Confirmed>
      </Group>
      {claim !== undefined && (
        <Alert
          role="status"
          w="100%"
          withCloseButton
          closeButtonLabel={t("hide")}
          onClose={() => setClaim(undefined)}
          data-claim
        >
          <Text size="sm">{t("claim")}</Text>
          <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {claim.token}
          </Code>
          <Text size="sm">{t("claim-expires", { time: format.time(claim.expires) })}</Text>
        </Alert>
      )}
    </>
  );
}
