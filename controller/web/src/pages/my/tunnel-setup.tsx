import { NativeSelect, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useParams } from "wouter";
import { TUNNEL_FORMATS, type TunnelFormat, tunnelSetup } from "../../../../src/core/access/setup/formats.ts";
import { DEVICE_NAME, isDeviceName } from "../../../../src/core/access/setup/setup-file.ts";
import { ApiError, api, dataOf } from "../../api/client.ts";
import type { Application } from "../../api/types.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Answer } from "../../parts/answer.tsx";
import { Failure } from "../../parts/failure.tsx";
import { Page } from "../../parts/page.tsx";
import { ownApplicationsQuery, useOwnApplicationsLive } from "./own-queries.ts";
import { setupTexts } from "./setup.texts.ts";
import { SetupFiles } from "./setup-files.tsx";
import { FORMAT_NAMES } from "./setup-names.ts";
import { StandingMark } from "./standing-mark.tsx";

const PiSetup = lazy(async () => ({ default: (await import("./pi-setup.tsx")).PiSetup }));
const FORMATS = ["vsix-pi", ...(Object.keys(TUNNEL_FORMATS) as TunnelFormat[])] as const;
type Format = (typeof FORMATS)[number];
/** How often it is looked whether routers are ready, milliseconds. */
const LOOK_MS = 3000;

/** What the router at a tunnel's far end has to be told, in the words of each system that it may have. */
export function TunnelSetupPage() {
  const t = useTexts(setupTexts);
  const { id } = useParams();
  useOwnApplicationsLive();
  const applications = useQuery(ownApplicationsQuery);
  const application = applications.data?.applications.find((one) => String(one.id) === id);
  const hasTunnel = application !== undefined && application.service !== "remote-access-vpn";
  return (
    <Page title={t("tunnel-title", { device: application?.device ?? "" })}>
      <Answer
        of={applications}
        isEmpty={() => !hasTunnel}
        empty={applications.isFetching ? <Skeleton height={120} /> : undefined}
      >
        {() => application !== undefined && <Setup key={application.id} application={application} />}
      </Answer>
    </Page>
  );
}

function Setup({ application }: { readonly application: Application }) {
  const t = useTexts(setupTexts);
  const [format, setFormat] = useState<Format>(
    application.service === "srv6-access" ? "iproute2" : "vsix-pi",
  );
  return (
    <Stack>
      <div role="status">
        <StandingMark application={application} />
      </div>
      <NativeSelect
        maw={420}
        label={t("format")}
        value={format}
        onChange={({ currentTarget }) => setFormat(currentTarget.value as Format)}
        data={FORMATS.map((value) => ({ value, label: FORMAT_NAMES[value] }))}
      />
      <Text>{t(`hint-${format}`)}</Text>
      {format === "vsix-pi" ? (
        <Suspense>
          <PiSetup application={application} />
        </Suspense>
      ) : (
        <RouterSetup key={format} id={application.id} format={format} />
      )}
    </Stack>
  );
}

function RouterSetup({ id, format }: { readonly id: number; readonly format: TunnelFormat }) {
  const t = useTexts(setupTexts);
  const [lan, setLan] = useState<string>(TUNNEL_FORMATS[format].lan);
  const settings = useQuery({
    queryKey: ["me", "tunnel", id],
    queryFn: () => dataOf(api.GET("/v1/me/applications/{id}/tunnel", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data === undefined ? LOOK_MS : false),
  });
  if (settings.data === undefined) {
    const { error } = settings;
    const isSoon =
      error === null ||
      (error instanceof ApiError && ["tunnel-not-ready", "application-state"].includes(error.code));
    return isSoon ? <Text role="status">{t("waits")}</Text> : <Failure error={error} />;
  }
  const isName = isDeviceName(lan);
  return (
    <Stack>
      <TextInput
        maw={420}
        label={t("lan")}
        value={lan}
        pattern={DEVICE_NAME}
        spellCheck={false}
        error={isName ? undefined : t("bad-lan")}
        onChange={({ currentTarget }) => setLan(currentTarget.value)}
      />
      {isName && <SetupFiles files={tunnelSetup(format, settings.data, { lan })} />}
    </Stack>
  );
}
