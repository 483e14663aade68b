import { networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";

/** Whether an address, in its shortest spelling, is one of this machine's interfaces at this moment. */
export function isOwnAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some((entries) =>
    entries?.some((own) => ipaddr.isValid(own.address) && ipaddr.parse(own.address).toString() === address),
  );
}
