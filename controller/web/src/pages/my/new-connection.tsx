import { Button, Radio, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { api, dataOf } from "../../api/client.ts";
import { makeKeyPair } from "../../crypto/wireguard-keys.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Failure } from "../../parts/failure.tsx";
import { Page } from "../../parts/page.tsx";
import { connectTexts } from "./connect.texts.ts";
import { keepKey } from "./device-keys.ts";
import { meQuery, ownApplicationsQuery } from "./own-queries.ts";

type Service = "remote-access-vpn" | "generic-tunneling" | "srv6-access";
const NAME = "[a-z0-9][a-z0-9._\\-]{0,62}";

/** Asks for a tunnel, SRv6 access or a VPN device. A device's key is made here, and only its public half is sent. */
export function NewConnectionPage() {
  const t = useTexts(connectTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [service, setService] = useState<Service>("remote-access-vpn");
  const [device, setDevice] = useState("");
  const [endpoint, setEndpoint] = useState("");
  const [note, setNote] = useState("");
  const isVpn = service === "remote-access-vpn";
  const isSrv6 = service === "srv6-access";
  const apply = useMutation({
    mutationFn: async () => {
      const pair = isVpn ? await makeKeyPair() : undefined;
      const ends = pair === undefined ? { endpoint: endpoint.trim() } : { publicKey: pair.publicKey };
      const body = { service, device, note, ...ends };
      const made = await dataOf(api.POST("/v1/me/applications", { body }));
      if (pair !== undefined) keepKey(made.id, pair.privateKey);
      return made;
    },
    onSuccess: async (made) => {
      // The page that comes next finds it: what is asked anew arrives later.
      client.setQueryData(ownApplicationsQuery.queryKey, (before) =>
        before === undefined ? undefined : { applications: [...before.applications, made] },
      );
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      navigate(isVpn ? `/my/vpn/${made.id}` : "/my");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    apply.mutate();
  };
  return (
    <Page title={t("new")}>
      <form onSubmit={submit}>
        <Stack maw={520}>
          <Radio.Group
            label={t("service")}
            value={service}
            onChange={(chosen) => setService(chosen as Service)}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="remote-access-vpn" label={t("service-vpn")} description={t("service-vpn-hint")} />
              <Radio
                value="generic-tunneling"
                label={t("service-tunnel")}
                description={t("service-tunnel-hint")}
              />
              <Radio value="srv6-access" label={t("service-srv6")} description={t("service-srv6-hint")} />
            </Stack>
          </Radio.Group>
          <TextInput
            label={t("device")}
            description={t("device-hint")}
            required
            pattern={NAME}
            autoCapitalize="none"
            spellCheck={false}
            value={device}
            onChange={({ currentTarget }) => setDevice(nameFrom(currentTarget.value))}
          />
          {!isVpn && (
            <TextInput
              label={t(isSrv6 ? "sid" : "endpoint")}
              description={t(isSrv6 ? "sid-hint" : "endpoint-hint")}
              required
              maxLength={64}
              spellCheck={false}
              value={endpoint}
              onChange={({ currentTarget }) => setEndpoint(currentTarget.value)}
            />
          )}
          <TextInput
            label={t("note")}
            maxLength={256}
            value={note}
            onChange={({ currentTarget }) => setNote(currentTarget.value)}
          />
          {apply.error !== null && <KeyFailure error={apply.error} />}
          <Button type="submit" loading={apply.isPending}>
            {t("apply")}
          </Button>
        </Stack>
      </form>
    </Page>
  );
}

/** What people type as a name, as far as it can be one. */
function nameFrom(typed: string): string {
  return typed.toLowerCase().replace(/[\s_]+/g, "-");
}

/** Also where the browser knows no X25519. */
export function KeyFailure({ error }: { readonly error: unknown }) {
  const t = useTexts(connectTexts);
  const isUnknown = error instanceof DOMException && error.name === "NotSupportedError";
  return <Failure error={isUnknown ? new Error(t("no-x25519")) : error} />;
}
