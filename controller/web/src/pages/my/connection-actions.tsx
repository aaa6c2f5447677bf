import { Button, Group, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api } from "../../api/client.ts";
import type { Application } from "../../api/types.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { DeedDialogue } from "../../parts/deed-dialogue.tsx";
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
        <Sure application={application} deed="suspend" word="suspend" />
      )}
      {application.suspendedBy === "user" && <Resumption application={application} />}
      <Sure application={application} deed="revoke" word="end" isDangerous />
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

/** A deed that is asked about once more. */
function Sure({
  application,
  deed,
  word,
  isDangerous = false,
}: {
  readonly application: Application;
  readonly deed: Deed;
  readonly word: "suspend" | "end";
  readonly isDangerous?: boolean;
}) {
  const t = useTexts(connectTexts);
  const [isOpen, { open, close }] = useDisclosure();
  const { device } = application;
  const done = useDeed(application, deed, close);
  const title = t(`${word}-of`, { device });
  return (
    <>
      <Button variant="default" size="xs" aria-label={title} onClick={open}>
        {t(word)}
      </Button>
      <DeedDialogue
        title={title}
        word={t(word)}
        isOpen={isOpen}
        onClose={close}
        deed={done}
        isDangerous={isDangerous}
      >
        <Text>{t(`${word}-sure`, { device })}</Text>
      </DeedDialogue>
    </>
  );
}

function ChangeEndpoint({
  application: { id, device, endpoint, service },
}: {
  readonly application: Application;
}) {
  const t = useTexts(connectTexts);
  const isSrv6 = service === "srv6-access";
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
  return (
    <>
      <Button variant="default" size="xs" aria-label={`${t("change-endpoint")}: ${device}`} onClick={open}>
        {t("change-endpoint")}
      </Button>
      <DeedDialogue
        title={`${t("change-endpoint")}: ${device}`}
        word={t("save")}
        isOpen={isOpen}
        onClose={close}
        deed={change}
      >
        <TextInput
          label={t(isSrv6 ? "sid" : "endpoint")}
          description={t(isSrv6 ? "sid-hint" : "endpoint-hint")}
          required
          maxLength={64}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </DeedDialogue>
    </>
  );
}
