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
  const isVpn = application.service === "remote-access-vpn";
  return (
    <Group gap="xs">
      <Button
        component={Link}
        href={`/my/${isVpn ? "vpn" : "tunnel"}/${application.id}`}
        variant="default"
        size="xs"
        aria-label={t("setup-title", { device: application.device })}
      >
        {t("setup")}
      </Button>
      {!isVpn && <ChangeEndpoint application={application} />}
      {(application.state === "approved" || application.state === "active") && (
        <Suspension application={application} />
      )}
      {application.suspendedBy === "user" && <Resumption application={application} />}
      <End application={application} />
    </Group>
  );
}

type Deed = "revoke" | "suspend" | "resume";

/** What is done with a connection at once: routers follow, and the page says when they have. */
function useDeed({ id }: Application, deed: Deed, onDone?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      api.POST(`/v1/me/applications/{id}/${deed}`, { params: { path: { id } }, body: { reason: "" } }),
    onSuccess: async () => {
      onDone?.();
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
}

function Resumption({ application }: { readonly application: Application }) {
  const t = useTexts(connectTexts);
  const resume = useDeed(application, "resume");
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={t("resume-of", { device: application.device })}
        loading={resume.isPending}
        onClick={() => resume.mutate()}
      >
        {t("resume")}
      </Button>
      {resume.error !== null && <Failure error={resume.error} />}
    </>
  );
}

function Suspension({ application }: { readonly application: Application }) {
  return <Sure application={application} deed="suspend" word="suspend" />;
}

function End({ application }: { readonly application: Application }) {
  return <Sure application={application} deed="revoke" word="end" colour="red.9" />;
}

/** A deed that is asked about once more. */
function Sure({
  application,
  deed,
  word,
  colour,
}: {
  readonly application: Application;
  readonly deed: Deed;
  readonly word: "suspend" | "end";
  readonly colour?: string;
}) {
  const t = useTexts(connectTexts);
  const [isOpen, { open, close }] = useDisclosure();
  const { device } = application;
  const { mutate, isPending, error } = useDeed(application, deed, close);
  const title = t(`${word}-of`, { device });
  return (
    <>
      <Button variant="default" size="xs" aria-label={title} onClick={open}>
        {t(word)}
      </Button>
      <Dialogue title={title} isOpen={isOpen} onClose={close}>
        <Stack>
          <Text>{t(`${word}-sure`, { device })}</Text>
          {error !== null && <Failure error={error} />}
          <Group justify="end">
            <Button variant="default" onClick={close}>
              {t("cancel")}
            </Button>
            <Button
              {...(colour === undefined ? {} : { color: colour })}
              loading={isPending}
              onClick={() => mutate()}
            >
              {t(word)}
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
