import { Button, Card, NativeSelect, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "wouter";
import { VPN_FORMATS, type VpnFormat } from "../../../../src/core/access/setup/formats.ts";
import { ApiError, api, dataOf } from "../../api/client.ts";
import type { Application } from "../../api/types.ts";
import { makeKeyPair } from "../../crypto/wireguard-keys.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Answer } from "../../parts/answer.tsx";
import { Failure } from "../../parts/failure.tsx";
import { Page } from "../../parts/page.tsx";
import { connectTexts } from "./connect.texts.ts";
import { keepKey, keptKey } from "./device-keys.ts";
import { KeyFailure } from "./new-connection.tsx";
import { ownApplicationsQuery, useOwnApplicationsLive } from "./own-queries.ts";
import { QrCode } from "./qr-code.tsx";
import { setupTexts } from "./setup.texts.ts";
import { SetupFiles } from "./setup-files.tsx";
import { FORMAT_NAMES } from "./setup-names.ts";
import { StandingMark } from "./standing-mark.tsx";

/** The configuration of a VPN device, with the key that this browser has made for it. */
export function VpnSetupPage() {
  const t = useTexts(connectTexts);
  const { id } = useParams();
  useOwnApplicationsLive();
  const applications = useQuery(ownApplicationsQuery);
  const application = applications.data?.applications.find((one) => String(one.id) === id);
  return (
    <Page title={t("setup-title", { device: application?.device ?? "" })}>
      <Answer
        of={applications}
        isEmpty={() => application?.service !== "remote-access-vpn"}
        empty={applications.isFetching ? <Skeleton height={120} /> : undefined}
      >
        {() => application !== undefined && <Setup key={application.id} application={application} />}
      </Answer>
    </Page>
  );
}

function Setup({ application }: { readonly application: Application }) {
  const t = useTexts(connectTexts);
  const client = useQueryClient();
  const { id } = application;
  const [privateKey, setPrivateKey] = useState(() => keptKey(id));
  const renew = useMutation({
    mutationFn: async () => {
      const pair = await makeKeyPair();
      const params = { path: { id } };
      await api.POST("/v1/me/applications/{id}/change", { params, body: { publicKey: pair.publicKey } });
      keepKey(id, pair.privateKey);
      setPrivateKey(pair.privateKey);
      await client.invalidateQueries({ queryKey: ["me"] });
    },
  });
  return (
    <Stack>
      <div role="status">
        <StandingMark application={application} />
      </div>
      <Text>{privateKey === undefined ? t("key-lost") : t("key-lead")}</Text>
      {renew.error !== null && <KeyFailure error={renew.error} />}
      {privateKey === undefined ? (
        <Button variant="default" w="fit-content" loading={renew.isPending} onClick={() => renew.mutate()}>
          {t("make-key")}
        </Button>
      ) : (
        <Configuration id={id} privateKey={privateKey} />
      )}
    </Stack>
  );
}

const FORMATS = Object.keys(VPN_FORMATS) as VpnFormat[];
/** How often it is looked whether routers are ready, milliseconds. */
const LOOK_MS = 3000;

function Configuration({ id, privateKey }: { readonly id: number; readonly privateKey: string }) {
  const t = useTexts(connectTexts);
  const s = useTexts(setupTexts);
  const [isOver4, setOver4] = useState(false);
  const [format, setFormat] = useState<VpnFormat>("wg-quick");
  const settings = useQuery({
    queryKey: ["me", "vpn", id, privateKey.length],
    queryFn: () => dataOf(api.GET("/v1/me/applications/{id}/vpn", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data === undefined ? LOOK_MS : false),
    // The preshared key is not kept longer than it is shown.
    gcTime: 0,
  });
  if (settings.data === undefined) {
    const isSoon =
      settings.error === null ||
      (settings.error instanceof ApiError &&
        ["vpn-not-ready", "application-state"].includes(settings.error.code));
    return isSoon ? <Text role="status">{t("waits")}</Text> : <Failure error={settings.error} />;
  }
  const { endpoint4, ...data } = settings.data;
  const endpoint = isOver4 && endpoint4 !== null ? endpoint4 : data.endpoint;
  const files = VPN_FORMATS[format]({ ...data, endpoint, privateKey });
  return (
    <Card withBorder component="section" aria-label={t("config")}>
      <Stack>
        <NativeSelect
          maw={420}
          label={s("format")}
          value={format}
          onChange={({ currentTarget }) => setFormat(currentTarget.value as VpnFormat)}
          data={FORMATS.map((value) => ({ value, label: FORMAT_NAMES[value] }))}
        />
        {endpoint4 !== null && (
          <Switch
            label={t("over4")}
            checked={isOver4}
            onChange={({ currentTarget }) => setOver4(currentTarget.checked)}
          />
        )}
        <Text>{s(`hint-${format}`)}</Text>
        {format === "wg-quick" && files[0] !== undefined && <QrCode text={files[0].text} label={t("qr")} />}
        <SetupFiles files={files} />
      </Stack>
    </Card>
  );
}
