import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, dataOf } from "../../api/client.ts";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { CurrentPassword } from "../../parts/current-password.tsx";
import { DeedDialogue } from "../../parts/deed-dialogue.tsx";
import { ProofFailure } from "./proof-failure.tsx";
import { ProofSection } from "./proof-section.tsx";
import { securityTexts } from "./security.texts.ts";

const identityQuery = queryOptions({
  queryKey: ["identity"],
  queryFn: () => dataOf(api.GET("/v1/portal/oidc")),
});

/** Linking what a user is at the identity provider to his account, or undoing it; nothing where there is no provider. */
export function Identity() {
  const t = useTexts(securityTexts);
  const format = useFormat();
  const client = useQueryClient();
  const identity = useQuery(identityQuery).data;
  const [isOpen, { open, close }] = useDisclosure();
  const [password, setPassword] = useState("");
  const since = identity?.since ?? null;
  const change = useMutation({
    mutationFn: async () => {
      const body = { password };
      if (since !== null) await api.POST("/v1/portal/oidc/unlink", { body });
      else location.assign((await dataOf(api.POST("/v1/portal/oidc/link", { body }))).url);
    },
    onSuccess: async () => {
      close();
      setPassword("");
      await client.invalidateQueries({ queryKey: identityQuery.queryKey });
    },
  });
  if (identity?.provider == null) return null;
  const values = { provider: identity.provider, time: since === null ? "" : format.time(since) };
  const word = t(since === null ? "identity-link" : "identity-unlink", values);
  return (
    <ProofSection
      title={identity.provider}
      lead={t(since === null ? "identity-none" : "identity-is", values)}
    >
      <Button w="fit-content" variant="default" onClick={open}>
        {word}
      </Button>
      <DeedDialogue
        title={word}
        word={word}
        isOpen={isOpen}
        onClose={close}
        deed={change}
        failure={<ProofFailure error={change.error} wrong="bad-password" />}
      >
        <CurrentPassword value={password} onChange={setPassword} />
      </DeedDialogue>
    </ProofSection>
  );
}
