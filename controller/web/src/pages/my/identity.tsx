import { Button, Stack, Text, Title } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, dataOf } from "../../api/client.ts";
import { useFormat } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { CurrentPassword } from "../../parts/current-password.tsx";
import { ProofFailure } from "./proof-failure.tsx";
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
  const [password, setPassword] = useState("");
  const since = identity?.since ?? null;
  const change = useMutation({
    mutationFn: async () => {
      const body = { password };
      if (since !== null) await api.POST("/v1/portal/oidc/unlink", { body });
      else location.assign((await dataOf(api.POST("/v1/portal/oidc/link", { body }))).url);
    },
    onSuccess: async () => {
      setPassword("");
      await client.invalidateQueries({ queryKey: identityQuery.queryKey });
    },
  });
  if (identity?.provider == null) return null;
  const values = { provider: identity.provider, time: since === null ? "" : format.time(since) };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Stack component="section" aria-label={identity.provider} maw={420}>
      <Title order={2} size="h3">
        {identity.provider}
      </Title>
      <Text>{t(since === null ? "identity-none" : "identity-is", values)}</Text>
      <form onSubmit={submit}>
        <Stack>
          <CurrentPassword value={password} onChange={setPassword} />
          <ProofFailure error={change.error} wrong="bad-password" />
          <Button type="submit" variant="default" loading={change.isPending}>
            {t(since === null ? "identity-link" : "identity-unlink", values)}
          </Button>
        </Stack>
      </form>
    </Stack>
  );
}
