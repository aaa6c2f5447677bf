import { isIP, connect as openTcp, type Socket } from "node:net";
import { connect as openTls } from "node:tls";

/**
 * Begins to connect to `mqtt://HOST:PORT` or `mqtts://HOST:PORT`. Small packets leave at once: waiting to fill a segment
 * would cost 40 ms each (Nagle, RFC 896, against delayed acknowledgements). Failures are the socket's `error`.
 */
export function openBrokerSocket(url: string): Socket {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replaceAll(/^\[|\]$/g, "");
  const socket =
    protocol === "mqtts:"
      ? openTls({
          host,
          port: Number(port || 8883),
          ...(isIP(host) === 0 ? { servername: host } : {}),
        })
      : openTcp({ host, port: Number(port || 1883) });
  socket.setNoDelay(true);
  return socket;
}

/** Name and password in a broker's URL (`mqtt://NAME:PASSWORD@HOST`), as CONNECT carries them. */
export function brokerCredentials(url: string): { readonly username?: string; readonly password?: string } {
  const { username, password } = new URL(url);
  return {
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
  };
}
