import { Button, Loader, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { ApiError, api, dataOf } from "../../api/client.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Failure } from "../../parts/failure.tsx";
import { DoorFrame } from "./door-frame.tsx";
import { oidcTexts } from "./oidc.texts.ts";

/** Where an identity provider sends a browser back to. What it brings is taken out of the address at once and told to the controller, once. */
export function OidcPage() {
  const t = useTexts(oidcTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [code, setCode] = useState("");
  const finish = useMutation({
    mutationFn: (body: { readonly query?: string; readonly code?: string }) =>
      dataOf(api.POST("/v1/portal/oidc/finish", { body })),
    onSuccess: async ({ done }) => {
      if (done === "code-wanted") return;
      if (done === "signed-in") client.clear();
      await client.invalidateQueries();
      navigate(done === "linked" ? "/my/security" : "/", { replace: true });
    },
    gcTime: 0,
  });
  const { mutate } = finish;
  useEffect(() => {
    const query = takeQuery();
    if (query !== "") mutate({ query });
  }, [mutate]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate({ code: code.replaceAll(" ", "") });
  };
  if (finish.data?.done === "code-wanted")
    return (
      <DoorFrame title={t("title")}>
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label={t("code")}
              autoComplete="one-time-code"
              required
              value={code}
              onChange={({ currentTarget }) => setCode(currentTarget.value)}
            />
            <Button type="submit" loading={finish.isPending}>
              {t("go-on")}
            </Button>
          </Stack>
        </form>
      </DoorFrame>
    );
  const { error } = finish;
  const refusal = error instanceof ApiError ? REFUSALS.find((one) => one === error.code) : undefined;
  return (
    <DoorFrame title={t("title")}>
      <Stack>
        {finish.isPending && <Loader aria-label={t("waits")} />}
        {refusal !== undefined && <Text role="alert">{t(refusal)}</Text>}
        {finish.error !== null && refusal === undefined && <Failure error={finish.error} />}
        {!finish.isPending && (
          <Button variant="default" onClick={() => navigate("/", { replace: true })}>
            {t("back")}
          </Button>
        )}
      </Stack>
    </DoorFrame>
  );
}

const REFUSALS = ["not-linked", "identity-taken", "sign-in-refused"] as const;

function takeQuery(): string {
  const query = location.search.slice(1);
  history.replaceState(history.state, "", location.pathname);
  return query;
}
