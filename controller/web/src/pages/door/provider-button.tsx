import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, dataOf } from "../../api/client.ts";
import { doorQuery } from "../../api/queries.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Failure } from "../../parts/failure.tsx";
import { doorTexts } from "./door.texts.ts";

/** The way in by the identity provider, where the controller knows one. */
export function ProviderButton() {
  const t = useTexts(doorTexts);
  const provider = useQuery(doorQuery).data?.provider;
  const begin = useMutation({
    mutationFn: async () => location.assign((await dataOf(api.POST("/v1/portal/oidc/begin"))).url),
  });
  if (provider == null) return null;
  return (
    <>
      {begin.error !== null && <Failure error={begin.error} />}
      <Button variant="default" loading={begin.isPending} onClick={() => begin.mutate()}>
        {t("by-provider", { provider })}
      </Button>
    </>
  );
}
