import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { api } from "../../api/client.ts";
import type { Application } from "../../api/types.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Dialogue } from "../../parts/dialogue.tsx";
import { Failure } from "../../parts/failure.tsx";
import { connectTexts } from "./connect.texts.ts";
import { meQuery } from "./own-queries.ts";

const OVER: ReadonlySet<string> = new Set(["refused", "revoked"]);

/** What a user can do with a connection that is not over. */
export function ConnectionActions({ application }: { readonly application: Application }) {
  const t = useTexts(connectTexts);
  if (OVER.has(application.state)) return null;
  return (
    <Group gap="xs">
      {application.service === "remote-access-vpn" ? (
        <Button component={Link} href={`/my/vpn/${application.id}`} variant="default" size="xs">
          {t("setup")}
        </Button>
      ) : (
        <ChangeEndpoint application={application} />
      )}
      <End application={application} />
    </Group>
  );
}

function End({ application: { id, device } }: { readonly application: Application }) {
  const t = useTexts(connectTexts);
  const client = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const end = useMutation({
    mutationFn: () =>
      api.POST("/v1/me/applications/{id}/revoke", { params: { path: { id } }, body: { reason: "" } }),
    onSuccess: async () => {
      close();
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
  const title = t("end-of", { device });
  return (
    <>
      <Button variant="default" size="xs" aria-label={title} onClick={open}>
        {t("end")}
      </Button>
      <Dialogue title={title} isOpen={isOpen} onClose={close}>
        <Stack>
          <Text>{t("end-sure", { device })}</Text>
          {end.error !== null && <Failure error={end.error} />}
          <Group justify="end">
            <Button variant="default" onClick={close}>
              {t("cancel")}
            </Button>
            <Button color="red.9" loading={end.isPending} onClick={() => end.mutate()}>
              {t("end")}
            </Button>
          </Group>
        </Stack>
      </Dialogue>
    </>
  );
}

function ChangeEndpoint({ application: { id, device, endpoint } }: { readonly application: Application }) {
  const t = useTexts(connectTexts);
  const client = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const [typed, setTyped] = useState(endpoint ?? "");
  const change = useMutation({
    mutationFn: () =>
      api.POST("/v1/me/applications/{id}/change", {
        params: { path: { id } },
        body: { endpoint: typed.trim() },
      }),
    onSuccess: async () => {
      close();
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <>
      <Button variant="default" size="xs" aria-label={`${t("change-endpoint")}: ${device}`} onClick={open}>
        {t("change-endpoint")}
      </Button>
      <Dialogue title={`${t("change-endpoint")}: ${device}`} isOpen={isOpen} onClose={close}>
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label={t("endpoint")}
              description={t("endpoint-hint")}
              required
              maxLength={64}
              value={typed}
              onChange={({ currentTarget }) => setTyped(currentTarget.value)}
            />
            {change.error !== null && <Failure error={change.error} />}
            <Group justify="end">
              <Button variant="default" onClick={close}>
                {t("cancel")}
              </Button>
              <Button type="submit" loading={change.isPending}>
                {t("save")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Dialogue>
    </>
  );
}
