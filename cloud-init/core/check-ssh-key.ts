/** What OpenSSH 9 takes in authorized_keys; DSA is refused there. */
const TYPES =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) /;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Why a line is no public key of SSH (RFC 4253 section 6.6: its type stands within it too); undefined when it is one. */
export function sshKeyFault(line: string): string | undefined {
  if (/PRIVATE KEY/.test(line))
    return "this is a private key: give it to nobody; its public half ends in .pub";
  if (/\p{Cc}/u.test(line)) return "a public key is one line";
  const type = TYPES.exec(line)?.[1];
  const body = line.split(" ")[1] ?? "";
  const wanted = "a public key is a line like `ssh-ed25519 AAAA… name`, as in a file that ends in .pub";
  if (type === undefined) return wanted;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body) || body.length % 4 !== 0)
    return `${wanted}; what follows ${type} is damaged: copy it again, whole`;
  const octets = decodeHead(body, 4 + type.length);
  const length = octets.slice(0, 4).reduce((sum, octet) => sum * 256 + octet, 0);
  const inside = String.fromCharCode(...octets.slice(4));
  return length === type.length && inside === type
    ? undefined
    : `this key says ${type} in front and something else within: copy it again, whole`;
}

/** The first octets of base64. */
function decodeHead(text: string, octets: number): readonly number[] {
  const found: number[] = [];
  let bits = 0;
  let value = 0;
  for (const digit of text) {
    if (found.length >= octets || digit === "=") break;
    value = ((value << 6) | DIGITS.indexOf(digit)) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      found.push((value >> bits) & 0xff);
    }
  }
  return found;
}
