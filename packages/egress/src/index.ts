export { type ClientCertificate, isClientCertificate } from "./client-certificate.ts";
export { createEgress } from "./client.ts";
export type { Egress, EgressFailure, EgressOptions, EgressRequest, EgressResult } from "./client.ts";
export type { UrlCheck, UrlRefusal } from "./url.ts";
