const email = /^[^\s@<>()[\],;:"\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i;
const absoluteUri = /^[a-z][a-z0-9+.-]*:[^\s]+$/i;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const octet = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;
const hexGroup = /^[0-9a-f]{1,4}$/i;
/** What is neither a character of a URI (RFC 3986) nor a byte written as `%2F`. */
const strange = /[^a-z0-9\-._~!$&'"()*+,;=:@/?#[\]%]|%(?![0-9a-f]{2})/i;
/** Literals, and between them bytes written as `%2F` and expressions (RFC 6570), each told by its first character. */
const uriTemplate =
  // oxlint-disable-next-line no-control-regex -- Control characters are among what a literal has not.
  /^[^\u0000-\u0020"'<>\\^`{|}%]*(?:(?:%[0-9a-f]{2}|\{[+#./;?&=,!@|]?(?:\w|%[0-9a-f]{2})+(?::[1-9]\d{0,3}|\*)?(?:,(?:\w|%[0-9a-f]{2})+(?::[1-9]\d{0,3}|\*)?)*\})[^\u0000-\u0020"'<>\\^`{|}%]*)*$/i;

export function isEmail(text: string): boolean {
  return email.test(text);
}

/** An absolute URI that `URL` can read. */
export function isUri(text: string): boolean {
  return absoluteUri.test(text) && URL.canParse(text);
}

/** RFC 3986, section 4.1: a URI, or what can be resolved against one, such as `../a?b#c`. */
export function isUriReference(text: string): boolean {
  if (strange.test(text) || text.indexOf("#") !== text.lastIndexOf("#")) return false;
  const [, authority = "", rest = ""] = /^(?:[a-z][a-z0-9+.-]*:)?\/\/([^/?#]*)(.*)$/i.exec(text) ?? [
    "",
    "",
    text,
  ];
  return !/[[\]]/.test(rest) && isAuthority(authority);
}

/** RFC 6570, such as `/orders{?page,size}`. */
export function isUriTemplate(text: string): boolean {
  return uriTemplate.test(text);
}

export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** RFC 1123: labels of up to 63 letters, digits and hyphens, 253 characters in all. */
export function isHostname(text: string): boolean {
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  return name.length <= 253 && name.split(".").every((part) => label.test(part));
}

export function isIpv4(text: string): boolean {
  const octets = text.length > 15 ? [] : text.split(".");
  return octets.length === 4 && octets.every((part) => octet.test(part));
}

/** RFC 4291, without a zone. */
export function isIpv6(text: string): boolean {
  if (text.length > 45) return false;
  const halves = text.split("::");
  const groups = halves.map((half) => (half === "" ? [] : half.split(":"))).flat();
  const last = groups.at(-1) ?? "";
  const hasIpv4 = last.includes(".") && !text.endsWith("::");
  const hex = hasIpv4 ? groups.slice(0, -1) : groups;
  const count = hex.length + (hasIpv4 ? 2 : 0);
  const isFull = halves.length === 1 ? count === 8 : halves.length === 2 && count <= 7;
  return isFull && (!hasIpv4 || isIpv4(last)) && hex.every((group) => hexGroup.test(group));
}

/** User, host and port of a URI. */
function isAuthority(text: string): boolean {
  const host = text.slice(text.lastIndexOf("@") + 1);
  const user = text.slice(0, Math.max(0, text.lastIndexOf("@")));
  if (/[[\]@]/.test(user)) return false;
  const [, inner, after = ""] = /^\[([^[\]]*)\](.*)$/.exec(host) ?? ["", undefined, ""];
  if (inner === undefined) return /^[^:@[\]]*(?::\d*)?$/.test(host);
  return /^(?::\d*)?$/.test(after) && (isIpv6(inner) || /^v[0-9a-f]+\.[\w\-.~!$&'()*+,;=:]+$/i.test(inner));
}
