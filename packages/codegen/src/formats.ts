import {
  isEmail,
  isHostname,
  isIpv4,
  isIpv6,
  isUri,
  isUriReference,
  isUriTemplate,
  isUuid,
} from "./runtime/format-addresses.ts";
import { isJsonPointer, isRegex, isRelativeJsonPointer } from "./runtime/format-pointers.ts";
import { isDate, isDateTime, isDuration, isTime } from "./runtime/format-times.ts";

/** The values of `format` that are checked. Each check takes time in proportion to the text. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  "date-time": isDateTime,
  date: isDate,
  time: isTime,
  duration: isDuration,
  email: isEmail,
  hostname: isHostname,
  ipv4: isIpv4,
  ipv6: isIpv6,
  uri: isUri,
  "uri-reference": isUriReference,
  "uri-template": isUriTemplate,
  uuid: isUuid,
  "json-pointer": isJsonPointer,
  "relative-json-pointer": isRelativeJsonPointer,
  regex: isRegex,
};
